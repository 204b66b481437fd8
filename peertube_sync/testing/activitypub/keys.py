"""RSA keys without the time that making them takes: products of primes that stand here.

TEST DATA. Everybody can read these keys, and they share primes: nothing that is signed by them proves anything outside
of a sandbox. An actor has the same key in every sandbox and every run, until its sandbox changes it.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations
from zlib import crc32

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

EXPONENT = 65_537
INSTANCE = "/accounts/peertube"
"""The path of the instance's own actor, whose key is longer than that of others."""


class KeyRing:
    """The keys of all actors of an instance, by path; they change all at once."""

    def __init__(self) -> None:
        self.generation = 0

    def of(self, path: str) -> rsa.RSAPrivateKey:
        return private_key(path, self.generation, 2048 if path == INSTANCE else 1024)

    def strangers(self, path: str) -> rsa.RSAPrivateKey:
        """Return a key that the actor at a path never has: its length is another one."""
        return private_key("a stranger", 0, 1024 if path == INSTANCE else 2048)

    def pem(self, path: str) -> str:
        """Return the public key of the actor at a path."""
        return public_pem(self.of(path))


@cache
def private_key(path: str, generation: int, bits: int) -> rsa.RSAPrivateKey:
    """Return the key of the actor at a path; another `generation` is another key. `bits` are 1024 or 2048."""
    pairs = _PAIRS[bits]
    p, q = pairs[(crc32(path.encode()) + generation) % len(pairs)]
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(EXPONENT, p * q)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def public_pem(key: rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _primes(text: str) -> list[int]:
    return [int("".join(one.split()), 16) for one in text.strip().split("\n\n")]


_PRIMES_OF_512_BITS = """
    e02583412d10e6f5b9abbd4717cc62a7e9be713d6dfaba4202a068125d456ced
    873c8160452cf91e2e01d8df8e7dbd28550124f1362822e223e5011bee74f133

    c7ac01dd9842bc59f605787d28d0149ce5fd0f114ed732b7f5aa626454336ee4
    75a40a5804012e201d6194532bc3b8c71399fba6bc2a84816a967ea5af9c401f

    e3c2c9731b37ad2b73439f3da11528fc0626b3abe13e6c2f5ffa6a4d5f1be031
    182850710da5a0365471daee067951ac53a2160240354114a66431e725ae7359

    c01cadedf5e0d0ec2daf33664a5c0faf6ee7abc1bdd1a442bf4e64882454585c
    1a7a5dc95ff0186dbb65592fb8eaed7cf2d8b814f28515a8ec6aa4c1fca7a0f1

    ea29cf83494abed17aa0316d490bda806f3324d34c1f5c32bcca23e9804a7554
    b4c41af51f4e3687a0d56b10dbae19570213160181a1215bfffe8da91a42e9c5

    dd8ef971c47a0d26482ae721369a21f2897dae52a5fd837a0287506fd9c9278c
    b4f824b66de513c92af216463f4fa42d37f4dea7dc6ad66f7b51fe1522cdb90f

    e585f0398092ab0d318c14fa8051de8459ac99147e2892b2b5a095fcd15be44d
    8d7e3fb1a23010af4a4c27a70d95203222343874dc27a84b4e5dd5b4f62c3afb

    d564d0e96dbabc0564050cf286ff0c44ce159c5bc9b2cefa5072e136cb9b5d12
    8bf9b339c07a0fbe730864f9f0a485f7f24db0cc917722de20429f72aefdcb83

    ed06ce585f40832692b4adf82273fb0a1ccdad69f26577e2875173c2124b2ab4
    9eacb983399e982cf5edb33ab5da37e8710058b1f23c08f207c5dd852abdb139

    eb83eb310a6a6a75887fdeb86cb62a03b870e1896f534971bd1eb66bbb5ebdbe
    e6c46da0bb95c4f6b9874f2a54346eddc0a7692cba59357dc979219ed6da6363

    fbf111ff9396b156710627eed4ed884a670573097208bb2644e378af5b4ce51f
    c5f0fa507c87118167d528c44f4f8b8bded85af10bbd189ce5dbf391eff0bbf5

    f359149dce729fcdd0e348cf1d5b095b9026c9b3aa210c4c5c933d7e32ff2908
    16cb4e91884d2a3bed0f2073c4a74d1cc506706e1afcc7165d88319be150bf59

    d7bd4c1352807028b7dff46417b8fca4707639735b97b3812ae647eff3345de4
    d113c981ea1d23d54f326bf287dfa838214e4c79dde87a2fe19aa82f59c6d27d

    ca5486838de3ab6963199495811e9a6a390930089ce0bb8b1efff306a2da1719
    9744e1969bc468ff83e4d9608bc86eaf957c88e18fad87e9a825b6756a12a8e1

    d286d3ed578d8befeb4342c2ab935f6763600e80fba545b4c31411c53dcbe2a0
    c1dd11f71f9dae4200a4c50f6107d2ba2a966dfdf258ee6fc2e36b27f94cbdcb

    c0edd8e15755163391e804ab3eb4a4e3ca48440f824160ff1ded661b0a9ef7b4
    4542c1412ca3c3fa683504cac9b226943bd46c317ab78d87263fb2812dad81c7

    eaa7c904bf567825dad2fcbd11245c5f19228034f52ee7e86a8a02e2136ed093
    862a1070e5cba4a2259cb5cfcc85f59d0997ce111a2addba761965d60fea9f57

    e0274bc90382f5bdfe41b0f101408ec20106f568bf8b1d97747630f096b4b320
    6f2ee0be99860618f219f41dc7294361d0fd2ab72c6c3ce5ac71cfd2e49edfe5

    f2b811f6faa4008b8237a9ac2531886c4693c6fb9d3fbd9d8b7f0718c85ed717
    48af683fb9d3d2e647bce2bdd89e729f4f8207fa747b5737a78fcc9a8bf9fdf5

    da3465e1bd2975f6c919d25bb33e48b17bb6afd1aa9750fb43a3c07fd35993b5
    9a2d7707485073822aa22a681b87edbbaa710aebeca80754168154c7213eb6a5
"""
_PRIMES_OF_1024_BITS = """
    c27c8656c24369e5af987381f0f660fb41bc71789acfe7099537f3294a4885ed
    0acf5f67ef30616129bde5ff4998088bae77311d38a41c2d1d336d466912af87
    82c2f02df8d7ee8f539afb5dc6326aa48b551b7a5dcc7b5e807743c85d13803f
    2b906f8667bbfa552b60193253f6c18e76b3ff5f1e9bd136899e8fe78eb1fdb7

    bc816b7ac270e0596fc48ad32a44972630bc9877e3b801d4b30439667b167450
    20394f9c7389fb92c2eb8dc05c466e727be916f63c3d16a2bba5cda917ca51cc
    25cf1dbf4d5a53e2ae7d163219716b4b276e283377ede7a21698f434707f4432
    eaf54132a2aea42f635e7d39ee3003e9abd9574d2c128f7eecafa14094da2a63

    ff1988d43ab90203b78b9b365e4eadd5f34ed7a44f3ad4ccadb7ca5ae25f76b9
    88d677c839aee654230a644053055a7ed0a7e9979f46eb694033520aa538562f
    63ea01990986e8a0ba3017cc12a08cd02618258b56f3f22c42efca6e09accd14
    5e69943518d4b9ecf6cf41a2d23067f126ea14c10b69a7e057ac93e2a24d286d

    e45cdda5e7fc4fcd5aebe6bee0ab28565ba3a57aeb1c9441fe49dd94fe3ef95b
    861fde3ff2e4fdda2288683654ff86a3a43757c0af73151c404d04958a99510a
    59dc8d288ee767515428c75bdeb3d480a5f2707f71f5984874bbfc27d0b2014b
    7ce75de847817e2443631b4e3eb0e45592f0ec49cb03e878d8c2930b117a236f
"""
_PAIRS = {
    bits: list(combinations(_primes(text), 2))
    for bits, text in ((1024, _PRIMES_OF_512_BITS), (2048, _PRIMES_OF_1024_BITS))
}
