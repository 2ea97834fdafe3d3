"""`palate fetch` where GroupLens cannot be had, and certificates that have expired: on loopback."""

import http.server
import os
import ssl
import threading
import unittest

from situations import Situation

# For 127.0.0.1, in force in January 2020, with its key.
EXPIRED = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgj1yIekabut/V17ZB
VOfQsGDCqLQ5dbLxE6PL0pZoTf+hRANCAAQIjZlR5QdpmJpNr/AELd+vdMm86rcR
zCzzNcqtkXkMOuqsUcRphvuLamBvg8ImgCcN3h3iFzW4bw45QIKHzfPk
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBLDCB1KADAgECAgEBMAoGCCqGSM49BAMCMBYxFDASBgNVBAMMC1BhbGF0ZSB0
ZXN0MB4XDTIwMDEwMTEyMDAwMFoXDTIwMDIwMTEyMDAwMFowFjEUMBIGA1UEAwwL
UGFsYXRlIHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQIjZlR5QdpmJpN
r/AELd+vdMm86rcRzCzzNcqtkXkMOuqsUcRphvuLamBvg8ImgCcN3h3iFzW4bw45
QIKHzfPkoxMwETAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0cAMEQCICcG
lFlYauHg1kGtOTYdGdNGLqRlQSG2JR7ZHywRg9DsAiAGUCE5yE2bZjLr0pCwlVw0
qagBOYRyiFQMMEtzVWUfyw==
-----END CERTIFICATE-----
"""

MIRROR = "https://huggingface.co/datasets/Recommenders/MovieLens"
ELSEWHERE = "give --url the address of the same archive elsewhere"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"zip?")

    def log_message(self, *_):
        pass


class Fetch(Situation):
    def serve(self):
        """The address of a server whose certificate has expired."""
        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(self.write("expired.pem", EXPIRED)))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"127.0.0.1:{server.server_port}"

    def fetch(self, name, *words, status, **env):
        env = {**os.environ, "no_proxy": "", **env}
        return self.palate("fetch", name, "--to", ".", *words, status=status, env=env).stderr

    def test_no_network_names_the_flag_and_the_mirror(self):
        for name, has_mirror in (
            *((name, True) for name in ("ml-100k", "ml-1m", "ml-10m", "ml-20m")),
            *((name, False) for name in ("ml-latest-small", "ml-25m", "ml-32m")),
        ):
            said = self.fetch(name, status=3, https_proxy="http://127.0.0.1:1")
            self.assertIn(f"https://files.grouplens.org/datasets/movielens/{name}.zip: ", said)
            self.assertIn(ELSEWHERE + (f"; {MIRROR} has it" if has_mirror else "") + "\n", said)
            self.assertEqual(said.count("\n"), 1)
        self.assertEqual(os.listdir(self.folder), [])

    def test_an_expired_certificate_is_told_and_the_archive_compared(self):
        address = self.serve()
        words = ("--url", f"https://{address}/x.zip", "--ca-file", "expired.pem")
        told = f"notice: the certificate of {address} expired on 2020-02-01; what comes"
        digest = "a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20"
        said = self.fetch("ml-1m", *words, status=2, no_proxy="*")
        self.assertEqual(said.count("\n"), 2)
        self.assertTrue(said.startswith(told), said)
        self.assertIn("it has 4 bytes with SHA-256 ", said)
        self.assertIn(f"ml-1m has 5917549 with {digest}: {ELSEWHERE}; {MIRROR}", said)
        said = self.fetch("ml-1m", *words, "-q", status=2, no_proxy="*")
        self.assertEqual(said.count("\n"), 1)
        said = self.fetch("ml-32m", *words, status=3, no_proxy="*")
        self.assertNotIn("notice", said)
        self.assertIn("expired; no SHA-256 is known that would prove the file without it", said)
        said = self.fetch("ml-1m", *words[:2], status=3, no_proxy="*")
        self.assertNotIn("notice", said)
        self.assertEqual(os.listdir(self.folder), ["expired.pem"])

    def test_an_address_with_a_password_is_refused_and_not_shown(self):
        said = self.fetch("ml-1m", "--url", "https://me:secret@127.0.0.1:1/x.zip", status=2)
        self.assertIn("--url may have no user name and password", said)
        self.assertNotIn("secret", said)
        said = self.fetch("ml-1m", "--url", "https://127.0.0.1:1/x@y.zip", status=3, no_proxy="*")
        self.assertIn("x@y.zip: no connection", said)

    def test_a_set_that_is_there_has_a_release_that_is_not_known(self):
        os.mkdir(self.path("ml-1m"))
        self.write("ml-1m/ratings.dat", "1::2::3::978300760\n")
        self.write("ml-1m/movies.dat", "2::Heat (1995)::Crime\n")
        said = self.palate("fetch", "ml-1m", "--to", ".").stdout
        self.assertIn("ml-1m, whose files cannot be checked (it was there already)\n", said)
        found = self.json("fetch", "ml-1m", "--to", ".")
        self.assertIsNone(found["release"])
        self.assertFalse(found["downloaded"])
        self.assertEqual(found["notice"], "")


if __name__ == "__main__":
    unittest.main()
