// Debian's libarchive decrypts members of a zip by nettle, whose licence (LGPL) asks more of those
// who give a program away than the others do. It decrypts only with a passphrase, which Palate
// never gives: these are linked in nettle's place and never called.
#include <cstdlib>

#define PALATE_NEVER_CALLED(name) \
  void name();                    \
  void name() { std::abort(); }

extern "C" {
PALATE_NEVER_CALLED(nettle_aes128_encrypt)
PALATE_NEVER_CALLED(nettle_aes128_set_encrypt_key)
PALATE_NEVER_CALLED(nettle_aes192_encrypt)
PALATE_NEVER_CALLED(nettle_aes192_set_encrypt_key)
PALATE_NEVER_CALLED(nettle_aes256_encrypt)
PALATE_NEVER_CALLED(nettle_aes256_set_encrypt_key)
PALATE_NEVER_CALLED(nettle_hmac_sha1_digest)
PALATE_NEVER_CALLED(nettle_hmac_sha1_set_key)
PALATE_NEVER_CALLED(nettle_hmac_sha1_update)
PALATE_NEVER_CALLED(nettle_pbkdf2_hmac_sha1)
}
