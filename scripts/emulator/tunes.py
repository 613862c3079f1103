"""A few seconds of music: a seeded pentatonic melody over a fifth, as WAV; as MP3 silence, which needs no encoder."""

import hashlib
import io
import math
import random
import struct
import wave
from array import array

ROOTS = (196.0, 220.0, 246.94, 261.63)
SCALE = (0, 2, 4, 7, 9, 12, 14, 16)
BEATS, BEAT = 12, 0.34
SILENCE = b"\xff\xfb\x90\xc4" + bytes(413)
"""A frame of MPEG 1 layer III, 128 kbit/s, 44.1 kHz, mono, its granules without bits. Source: ISO/IEC 11172-3, 2.4."""


def wav(seed: str, rate: int) -> bytes:
    dice = random.Random(seed)
    root = dice.choice(ROOTS)
    notes = [root * 2 ** (dice.choice(SCALE) / 12) for _ in range(BEATS - 1)] + [root]
    samples = array("h")
    for note in notes:
        samples.extend(_beat(note, root, rate))
    return _container(samples.tobytes(), rate)


def mp3(seed: str) -> bytes:
    """The seed is in a private frame of its ID3v2.3 tag."""
    private = b"emulator\0" + hashlib.sha256(seed.encode()).digest()
    frame = b"PRIV" + struct.pack(">IH", len(private), 0) + private
    frames = round(BEATS * BEAT * 44_100 / 1152)
    return b"ID3\x03\0\0\0\0\0" + bytes([len(frame)]) + frame + SILENCE * frames


def _beat(note: float, root: float, rate: int) -> "array[int]":
    length = int(rate * BEAT)
    melody, ground, fifth = (2 * math.pi * tone / rate for tone in (note, root / 2, root * 0.75))
    sine = math.sin
    return array(
        "h",
        (
            int(
                9_000 * (1 - at / length) * min(at / 200, 1) * (sine(melody * at) + 0.25 * sine(2 * melody * at))
                + 3_000 * (sine(ground * at) + 0.6 * sine(fifth * at))
            )
            for at in range(length)
        ),
    )


def _container(samples: bytes, rate: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples)
    return file.getvalue()
