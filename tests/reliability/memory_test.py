"""The binary with less and less address space: it does its work, or one line says that there is not
enough memory.
"""

import os
import pathlib
import resource
import subprocess
import tempfile
import unittest

BINARY = os.environ["PALATE_BINARY"]
STEP = 1 << 17


def palate(*arguments, limit=resource.RLIM_INFINITY):
    def set_limit():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    return subprocess.run(
        [BINARY, *map(str, arguments)], capture_output=True, text=True, preexec_fn=set_limit
    )


class Memory(unittest.TestCase):
    def test_less_and_less_address_space(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            ratings, model = folder / "ratings.csv", folder / "model.safetensors"
            ratings.write_text(
                "user,item,rating\n"
                + "".join(
                    f"{u},{i},{1 + u * i % 5}\n" for u in range(500) for i in range(u % 7, 200, 7)
                )
            )
            train = ["train", ratings, "--quiet", "-o", model]
            self.assertEqual(palate(*train).returncode, 0)
            kept = model.read_bytes()
            # Below this not even the dynamic loader has enough.
            least = next(
                limit
                for limit in range(STEP, 1 << 30, STEP)
                if palate("--version", limit=limit).returncode == 0
            )
            for arguments in (
                ["inspect", ratings, "--quiet"],
                train,
                ["recommend", model, "--user", "3", "--quiet"],
                ["recommend", model, "--all-users", "--quiet"],
            ):
                refused = 0
                for limit in range(least, 1 << 32, STEP):
                    process = palate(*arguments, limit=limit)
                    self.assertEqual(model.read_bytes(), kept)
                    self.assertEqual(
                        sorted(path.name for path in folder.iterdir()),
                        ["model.safetensors", "ratings.csv"],
                    )
                    if process.returncode == 0:
                        break
                    self.assertEqual(
                        (process.returncode, process.stderr),
                        (2, "palate: there is not enough memory\n"),
                        f"{arguments} in {limit >> 20} MiB",
                    )
                    refused += 1
                self.assertGreater(refused, 0, arguments)
                print(
                    f"{arguments[0]} {arguments[2] if arguments[0] == 'recommend' else ''}: "
                    f"needs {limit / 2**20:.1f} MiB of address space, "
                    f"{refused} smaller limits are refused in one line"
                )


if __name__ == "__main__":
    unittest.main()
