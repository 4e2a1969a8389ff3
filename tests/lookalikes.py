"""Tiny look-alikes of public data sets: their layouts and traps, none of their pictures."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from pytest_vlmperception.pictures import encode_png


def png(spread: int = 40, size: int = 8) -> bytes:
    """A picture half dark, half light: the larger the spread, the larger the RMS contrast."""
    pixels = np.full((size, size, 3), 128 - spread, np.uint8)
    pixels[:, size // 2 :] = 128 + spread
    return encode_png(pixels)


def write(root: Path, files: Mapping[str, bytes | str]) -> Path:
    """Write files below a folder."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


# Mean opinion scores of contrast change of I01 as published with TID2013: up and down with the level.
TID_CONTRAST = (5.35, 6.62, 4.08, 6.24, 2.97)


def tid2013(root: Path) -> Path:
    """Two scenes; contrast change (type 17) and JPEG (type 10); letter case differs between list and files."""
    names = [f"{scene}_{kind}_{level}" for scene in ("I01", "i25") for kind in ("10", "17") for level in range(1, 6)]
    scores = {"10": (6.0, 5.0, 4.0, 3.0, 2.0), "17": TID_CONTRAST}
    lines = [f"{scores[name[4:6]][int(name[-1]) - 1]:.5f} {name}.bmp" for name in names]
    write(root, {"mos_with_names.txt": "\r\n".join(lines) + "\r\n"})
    write(root, {"mos_std.txt": "\r\n".join("0.13" for _ in names)})
    # In the release some files are I01_..., some i01_..., some end in .BMP.
    swapped = {name: name.swapcase() if number % 2 else name for number, name in enumerate(names)}
    pictures = {f"distorted_images/{on_disk}.BMP": png(20 + 5 * int(name[-1])) for name, on_disk in swapped.items()}
    return write(root, {**pictures, "reference_images/I01.BMP": png(), "readme": "TAMPERE IMAGE DATABASE"})


def kadid10k(root: Path) -> Path:
    """Two scenes; contrast (25) and saturation in Lab (8). The column is 'dmos', and higher is better."""
    names = [f"{scene}_{kind}_0{level}" for scene in ("I01", "I81") for kind in ("08", "25") for level in range(1, 6)]
    rows = [f"{name}.png,{name[:3]}.png,{5 - 0.8 * (int(name[-1]) - 1):.2f},0.5" for name in names]
    write(root, {"dmos.csv": "dist_img,ref_img,dmos,var\n" + "\n".join(rows) + "\n"})
    return write(root, {f"images/{name}.png": png() for name in (*names, "I01", "I81")})


CSIQ_ROWS = [
    ("1600", "noise", 1, 0.05, 0.062),
    ("1600", "noise", 2, 0.06, 0.206),
    ("1600", "contrast", 1, 0.03, 0.0),
    ("1600", "contrast", 2, 0.05, 0.25),
    ("aerial_city", "jpeg 2000", 1, 0.05, 0.031),
    ("aerial_city", "blur", 5, 0.05, 1.0),
]
CSIQ_NAMES = {
    "noise": "awgn/{}.AWGN.{}.png",
    "contrast": "contrast/{}.contrast.{}.png",
    "jpeg 2000": "jpeg2000/{}.jpeg2000.{}.png",
    "blur": "blur/{}.BLUR.{}.png",
}


def csiq(root: Path, scores: str = "workbook") -> Path:
    """Two scenes; scores as the authors' workbook or as the list of two columns that goes with copies."""
    files = [CSIQ_NAMES[kind].format(image, level) for image, kind, level, *_ in CSIQ_ROWS]
    write(root, {f"dst_imgs/{file}": png() for file in files})
    write(root, {"src_imgs/1600.png": png()})
    if scores == "workbook":
        header = ("image", "dst_idx", "dst_type", "dst_lev", "dmos_std", "dmos")
        table = [(image, 1, kind, level, sd, dmos) for image, kind, level, sd, dmos in CSIQ_ROWS]
        # In the authors' workbook the header is in row 4, and the first column is D.
        workbook(root / "csiq.DMOS.xlsx", "all_by_image", [(), (), (), header, *table], first_column=3)
    else:
        lines = [f"{file.split('/')[1]}\t{row[-1]}" for file, row in zip(files, CSIQ_ROWS, strict=True)]
        write(root, {"csiq_label.txt": "\n".join(lines)})
    return root


def workbook(path: Path, sheet: str, rows: Iterable[Iterable[object]], first_column: int = 0) -> None:
    """Write an xlsx as spreadsheets write it: texts shared, numbers in the cells."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    texts: list[str] = []
    written = []
    for number, row in enumerate(rows, 1):
        cells = []
        for place, value in enumerate(row, first_column):
            at = f'r="{chr(ord("A") + place)}{number}"'
            # A name of digits only is a number to a spreadsheet.
            if isinstance(value, str) and not value.isdigit():
                texts.append(value)
                cells.append(f'<c {at} t="s"><v>{len(texts) - 1}</v></c>')
            else:
                cells.append(f"<c {at}><v>{value}</v></c>")
        written.append(f'<row r="{number}">{"".join(cells)}</row>')
    shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("xl/sharedStrings.xml", f"<sst {main}>{shared}</sst>")
        file.writestr("xl/worksheets/sheet1.xml", f"<worksheet {main}><sheetData/></worksheet>")
        file.writestr(
            "xl/worksheets/sheet2.xml", f"<worksheet {main}><sheetData>{''.join(written)}</sheetData></worksheet>"
        )
        sheets = f'<sheet name="all_by_distortion" r:id="rId1"/><sheet name="{sheet}" r:id="rId2"/>'
        file.writestr("xl/workbook.xml", f'<workbook {main} xmlns:r="{links}"><sheets>{sheets}</sheets></workbook>')
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        targets = "".join(f'<Relationship Id="rId{n}" Target="worksheets/sheet{n}.xml"/>' for n in (1, 2))
        file.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}">{targets}</Relationships>')


CAER_CLASSES = ("Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise")


def caer_s(root: Path, anger: str = "Anger", frames: int = 6) -> Path:
    """Seven classes, train and test."""
    names = [f"{n:04d}.png" for n in range(1, frames + 1)]
    return write(
        root,
        {
            f"{split}/{name}/{file}": png()
            for split in ("train", "test")
            for name in (anger, *CAER_CLASSES)
            for file in names
        },
    )


def raf_db(root: Path, line: str = "{name}.jpg {code}") -> Path:
    """Two photographs of each class in each part; codes 1 to 7."""
    names = [(f"{split}_{n:04d}", (n - 1) % 7 + 1) for split in ("train", "test") for n in range(1, 15)]
    lines = [line.format(name=name, code=code, split=name.split("_")[0]) for name, code in names]
    write(root, {"basic/EmoLabel/list_patition_label.txt": "\n".join(lines) + "\n"})
    write(root, {f"basic/Image/original/{name}.jpg": png(50) for name, _ in names})
    return write(root, {f"basic/Image/aligned/{name}_aligned.jpg": png(30) for name, _ in names})


AFFECTNET_HEADER = (
    "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
)


def affectnet(root: Path) -> Path:
    """Two photographs of each code from 0 to 10; valence is -2 where there is none."""
    files = {f"{code + 1}/{n}a{code:02d}.jpg": code for code in range(11) for n in (1, 2)}
    rows = [
        f"{file},0,0,9,9,1.5;2.5;3.5,{code},{-2 if code > 7 else code / 10 - 0.5:g},{-2 if code > 7 else 0.25:g}"
        for file, code in files.items()
    ]
    for table in ("training.csv", "validation.csv"):
        write(root, {table: "\n".join([AFFECTNET_HEADER, *rows])})
    return write(root, {f"Manually_Annotated/Manually_Annotated_Images/{file}": png() for file in files})


def affectnet8(root: Path) -> Path:
    """Two photographs of each code from 0 to 7, with one file an annotation."""
    for number in range(16):
        write(root, {f"val_set/images/{number}.jpg": png()})
        folder = root / "val_set/annotations"
        folder.mkdir(exist_ok=True)
        np.save(folder / f"{number}_exp.npy", str(number % 8))
        np.save(folder / f"{number}_val.npy", "-0.25")
        np.save(folder / f"{number}_aro.npy", "0.5")
    return root


# One line for each task, in the words of the metadata file itself where they are short: keys, their order, positions.
GENEVAL_LINES = (
    '{"tag": "single_object", "include": [{"class": "bench", "count": 1}], "prompt": "a photo of a bench"}',
    '{"tag": "two_object", "include": [{"class": "cup", "count": 1}, {"class": "tv remote", "count": 1}], '
    '"prompt": "a photo of a cup and a tv remote"}',
    '{"tag": "counting", "include": [{"class": "clock", "count": 2}], "exclude": [{"class": "clock", "count": 3}], '
    '"prompt": "a photo of two clocks"}',
    '{"tag": "colors", "include": [{"class": "fire hydrant", "count": 1, "color": "blue"}], '
    '"prompt": "a photo of a blue fire hydrant"}',
    '{"tag": "position", "include": [{"class": "teddy bear", "count": 1}, '
    '{"class": "dog", "count": 1, "position": ["right of", 0]}], "prompt": "a photo of a dog right of a teddy bear"}',
    '{"tag": "color_attr", "include": [{"class": "cup", "count": 1, "color": "red"}, '
    '{"class": "kite", "count": 1, "color": "pink"}], "prompt": "a photo of a red cup and a pink kite"}',
)


def geneval(root: Path, home: str = "prompts") -> Path:
    """A prompt of each task, as the repository has them."""
    return write(root, {f"{home}/evaluation_metadata.jsonl": "\n".join(GENEVAL_LINES) + "\n"})


def geneval_images(root: Path, samples: int = 2) -> Path:
    """Pictures of each prompt, with the grid and the notes that the scripts leave beside them."""
    for number, line in enumerate(GENEVAL_LINES):
        folder = f"{number:05}"
        write(root, {f"{folder}/metadata.jsonl": line, f"{folder}/grid.png": png()})
        write(root, {f"{folder}/samples/{n:04}.png": png(20 + n) for n in range(samples)})
        write(root, {f"{folder}/samples/0000.png.bak": b"", f"{folder}/samples/best.png": png()})
    return write(root, {"results.jsonl": ""})


# By edition: number, category and sub-category of a few prompts, the first and last of each category.
WISE_NUMBERS = {
    "legacy": {
        "cultural_common_sense": [(1, "Cultural knowledge", "Festival"), (400, "Cultural knowledge", "Life")],
        "spatio-temporal_reasoning": [
            (401, "time", "Horizontal time"),
            (567, "time", "Longitudinal time"),
            (568, "Space", "geographical location"),
            (700, "Space", "Occlusion"),
        ],
        "natural_science": [
            (701, "Biology", "State"),
            (800, "Biology", "Behavior"),
            (801, "Physical Knowledge", "Mechanics"),
            (900, "Physical Knowledge", "Physical Properties"),
            (901, "Chemistry", "Combustion"),
            (1000, "Chemistry", "Chemical Properties"),
        ],
    },
    "verified": {
        "cultural_common_sense": [(1, "Cultural knowledge", "Festival"), (400, "Cultural knowledge", "Life")],
        "spatio-temporal_reasoning": [
            (401, "time", "Horizontal time"),
            (520, "time", "Longitudinal time"),
            (521, "Space", "Geographical Location"),
            (640, "Space", "Viewpoint and Scale"),
        ],
        "natural_science": [
            (641, "Biology", "State"),
            (760, "Biology", "Behavior"),
            (761, "Physical Knowledge", "Mechanics"),
            (880, "Physical Knowledge", "Physical Properties"),
            (881, "Chemistry", "Combustion"),
            (1000, "Chemistry", "Chemical Properties"),
        ],
    },
}
WISE_ENDINGS = {"legacy": "", "verified": "_verified"}


def wise_items(numbers: Iterable[tuple[int, str, str]]) -> list[dict[str, object]]:
    """Prompts in the five keys of WISE."""
    return [
        {
            "Prompt": f"The thing of riddle {number}",
            "Explanation": f"It shows thing {number}",
            "Category": category,
            "Subcategory": subcategory,
            "prompt_id": number,
        }
        for number, category, subcategory in numbers
    ]


def wise(root: Path, edition: str = "legacy") -> Path:
    """The three files of an edition; beside those of the verified one all of them in one, in another order."""
    files = {stem: wise_items(numbers) for stem, numbers in WISE_NUMBERS[edition].items()}
    for stem, items in files.items():
        write(root, {f"{stem}{WISE_ENDINGS[edition]}.json": json.dumps(items, indent=4)})
    if edition == "verified":
        write(root, {"merge.json": json.dumps([item for items in reversed(files.values()) for item in items])})
    return root


def wise_rewritten(root: Path) -> Path:
    """The three files whose prompts name the answer; only those of culture say so in the sub-category."""
    for stem, numbers in WISE_NUMBERS["legacy"].items():
        items = wise_items(numbers)
        for item in items:
            item["Prompt"] = f"Thing {item['prompt_id']}."
            if stem == "cultural_common_sense":
                item["Subcategory"] = f"{item['Subcategory']}-related"
        write(root, {f"{stem}_rewrite.json": json.dumps(items, indent=4)})
    return root


REASON_EDIT_FOLDERS = {
    "1-Left-Right": "Left_Right_text.txt",
    "2-Relative-Size": "Size_text.txt",
    "3-Mirror": "Mirror_text.txt",
    "4-Color": "Color_text.txt",
    "5-Multiple-Objects": "MultipleObjects_text.txt",
    "6-Reasoning": "Reason_test.txt",
}


def reason_edit(root: Path, pairs: int = 3) -> Path:
    """Six folders of photographs and masks, with a line of text for each photograph."""
    for folder, texts in REASON_EDIT_FOLDERS.items():
        lines = [
            f"Turn the cup of picture {n} into a {folder[2:]} bowl CLIP: a bowl {n}\n" for n in range(1, pairs + 1)
        ]
        write(root, {f"{folder}/{texts}": "".join(lines)})
        write(root, {f"{folder}/{n:03}.png": png(20 + n) for n in range(1, pairs + 1)})
        write(root, {f"{folder}/{n:03}_mask.jpg": png(60 + n) for n in range(1, pairs + 1)})
    return root
