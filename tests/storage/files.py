"""Small true files of every kind, made in memory."""

import io
import struct
import zlib

from PIL import Image


def picture(kind: str, width: int = 40, height: int = 30, **options: object) -> bytes:
    """A picture with some noise, so that its end matters."""
    image = Image.effect_noise((width, height), 64).convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def animation(kind: str) -> bytes:
    frames = [Image.effect_noise((40, 30), 64).convert("RGB") for _ in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A tiny PNG that announces any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )


def webp_of_size(width: int, height: int) -> bytes:
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def video(width: int = 640, height: int = 360, brand: bytes = b"isom", order: str = "start") -> bytes:
    """A sound track, then a picture track, and some media data; the index at the start or the end."""
    tracks = b"".join(
        box(b"trak", box(b"tkhd", b"\0" * 76 + struct.pack(">II", across << 16, down << 16)))
        for across, down in ((0, 0), (width, height))
    )
    index = box(b"moov", box(b"mvhd", b"\0" * 100) + tracks)
    media = box(b"mdat", b"\x55" * 5000)
    kind = box(b"ftyp", brand + b"\0\0\2\0" + brand + b"mp41")
    return kind + (index + media if order == "start" else media + index)


def avif_announcing(width: int, height: int) -> bytes:
    extents = box(b"ispe", struct.pack(">III", 0, width, height))
    properties = box(b"iprp", box(b"ipco", extents))
    return box(b"ftyp", b"mif1\0\0\0\0mif1avifmiaf") + box(b"meta", b"\0\0\0\0" + properties) + box(b"mdat", b"x")


def wav(samples: int = 100) -> bytes:
    content = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    content += b"data" + struct.pack("<I", samples) + b"\x80" * samples
    return b"RIFF" + struct.pack("<I", len(content)) + content


MP3_FRAME = b"\xff\xfb\x90\x00" + b"\0" * 413
MP3 = MP3_FRAME * 3
MP3_TAGGED = b"ID3\x04\0\0\0\0\0\x0a" + b"\0" * 10 + MP3
WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\xf7\x81\1B\xf2\x81\4B\xf3\x81\x08B\x82\x84webm" + b"\0" * 50
MATROSKA = WEBM.replace(b"\x84webm", b"\x88matroska")
OGG = b"OggS\0\2" + b"\0" * 50
FLAC = b"fLaC\0\0\0\x22" + b"\0" * 50
GLB = b"glTF" + struct.pack("<II", 2, 12 + 8 + 4) + struct.pack("<I", 4) + b"JSON" + b"{}  "
SAFETENSORS = struct.pack("<Q", 64) + b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.ljust(64) + b"\0" * 4
