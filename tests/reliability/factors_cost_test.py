"""Many factors and few ratings stay cheap, and what factors take of memory is told before."""

import resource
import subprocess

from cost import BINARY, Costs, run, unittest


def ratings(rows):
    return "user,item,rating\n" + "".join(f"{u},{i},{1 + (u * u + i) % 5}\n" for u, i in rows)


class Factors(Costs):
    def few_ratings(self):
        """600 ratings of 40 items by 60 users."""
        self.write("few.csv", [ratings((t % 60, t * 7 % 40) for t in range(600))])

    def one_each(self, items):
        rows = (ratings([(i % 50, i)]).splitlines()[1] + "\n" for i in range(items))
        self.write("wide.csv", ["user,item,rating\n", *rows])

    def train(self, table, *options):
        options = ["--validation", "0", "--no-refit", "--quiet", "-o", "m.st", *options]
        done = run("train", table, *options, cwd=self.folder)
        self.assertEqual(done.status, 0, done.stderr)
        return done

    def test_few_ratings_cost_in_proportion_to_the_factors(self):
        self.few_ratings()
        for algorithm in ("als", "sgd", "gradient"):
            with self.subTest(algorithm):

                def train(n, algorithm=algorithm):
                    options = ["--epochs", "20", "--factors", str(1024 * n)]
                    return self.train("few.csv", "--algorithm", algorithm, *options)

                self.assert_linear(train)
                done = train(4)
                self.assertLess(done.seconds, 5)
                self.assertLess(done.peak, 64e6)

    def test_an_item_with_one_rating_costs_one_row_of_factors(self):
        def train(n):
            self.one_each(5000 * n)
            return self.train("wide.csv", "--algorithm", "als", "--factors", "512", "--epochs", "2")

        self.assert_linear(train)
        self.assertLess(train(4).seconds, 5)

    def test_somebody_new_costs_little_with_many_factors(self):
        self.few_ratings()
        self.train("few.csv", "--algorithm", "als", "--factors", "4096", "--epochs", "1")
        for arguments in (
            ["recommend", "m.st", "--likes", "1:5, 2:4, 3:1"],
            ["explain", "m.st", "--user", "1", "--item", "3"],
            ["similar", "m.st", "--item", "3"],
        ):
            with self.subTest(arguments[0]):
                done = run(*arguments, cwd=self.folder)
                self.assertEqual(done.status, 0, done.stderr)
                self.assertLess(done.seconds, 1)

    def test_a_report_costs_little_with_many_factors(self):
        self.few_ratings()
        options = ["--algorithms", "als", "--factors", "4096", "--epochs", "2", "-o", "r.html"]
        done = run("report", "few.csv", *options, cwd=self.folder)
        self.assertEqual(done.status, 0, done.stderr)
        self.assertLess(done.seconds, 3)

    def limited(self, megabytes, *arguments):
        limit = megabytes * 1_000_000
        return subprocess.run(
            [BINARY, *arguments],
            check=False,
            cwd=self.folder,
            capture_output=True,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )

    def test_factors_that_do_not_fit_are_refused_with_how_many_would(self):
        self.one_each(20_000)
        # Three copies of 20,050 rows of 4,096 factors and a bias: two to train, one to refit.
        for verb, where in (("train", ["-o", "m.st"]), ("report", ["-o", "r.html"])):
            chosen = ["--algorithm" if verb == "train" else "--algorithms", "als"]
            many = [verb, "wide.csv", *chosen, *where, "--factors"]
            done = self.limited(500, *many, "4096")
            self.assertEqual(done.returncode, 2)
            self.assertIn(
                "palate: 4096 factors of 50 users and 20000 items take 1.0 GB of memory while "
                "they are trained, and there are 0.5 GB: --factors 2064 would fit\n",
                done.stderr,
            )
        done = self.limited(500, "compare", "wide.csv", "--algorithms", "als", "--factors", "4096")
        self.assertIn("take 0.7 GB of memory", done.stderr)
        self.assertEqual(done.returncode, 2)

    def test_large_factors_are_told_before_they_are_asked_for(self):
        self.one_each(20_000)
        words = [BINARY, "train", "wide.csv", "--algorithm", "gradient", "--factors", "2048"]
        process = subprocess.Popen(words, cwd=self.folder, stderr=subprocess.PIPE, text=True)
        told = next((line for line in process.stderr if "GB" in line), "")
        process.kill()
        process.communicate()
        self.assertEqual(
            told,
            "factors of 50 users and 20,000 items take up to 1.5 GB of memory while they are "
            "trained\n",
        )


if __name__ == "__main__":
    unittest.main()
