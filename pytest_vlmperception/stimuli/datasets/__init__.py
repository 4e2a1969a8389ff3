"""Data sets of one's own machine: public layouts, raw votes and plain tables.

A manifest asks for one by a table, and the user says by ``--vlm-data NAME=PATH`` where it lies::

    [dataset]
    layout = "tid2013"             # which reader
    data = "tid2013"               # NAME of --vlm-data; the layout's, unless given
    source, licence                # where to get it, and on which terms; the layout's, unless given

What else the table may say, by layout:

``tid2013``, ``kadid10k``, ``csiq``
    ``scenes``, ``distortions`` (names), ``levels`` (1 to 5): what is chosen, else all. ``measured``: attributes
    of `measured.MEASURES` that are measured in the picture as reference values. Groups: ``scene``,
    ``distortion``, ``level``. Reference: ``quality``, of which more is better in every set, with
    ``quality_scale`` saying what it is, ``quality_sd`` where known, and ``level`` where the levels are an
    order of severity.
``caer_s``, ``raf_db``, ``affectnet``
    ``split`` (``train``, and ``test`` or ``validation``), ``classes`` (emotions), ``per_class`` and ``seed`` of a
    sample; ``clips`` of CAER-S, a table in the suite with the columns ``file`` and ``clip``; ``pictures`` of
    RAF-DB, ``aligned`` or ``original``. Groups: ``class``, and ``clip`` where known. Reference: ``emotion``
    and ``polarity``, neutral for surprise; ``valence`` and ``arousal`` of AffectNet where annotated.
``votes``
    ``table``, if the path is a folder and its table not ``votes.csv``; ``pictures``, a path such as
    ``{scene}/{condition}.png``, for who wants stimuli and not the votes alone. Groups: ``scene``, ``condition``.
``table``
    ``table``, if the path is a folder and its table not ``stimuli.csv``; ``groups``, as `StimulusSet.from_table`.
``geneval_images``, ``wise_images``
    Pictures that somebody made of the prompts, as the benchmarks lay them out: ``tasks``, ``per_task`` and ``seed`` of
    GenEval; ``prompts`` of WISE, a table such as ``{ data = "wise", per_category = 5 }``, see `PromptSet.load`. Groups
    and reference: those of the prompts, and the group ``prompt``.
``reason_edit``
    ``types``. Groups: ``type``, and ``part``, understanding or reasoning. Reference: ``instruction``, ``target``, which
    says what is seen at the place after the edit, and ``mask``, a picture that is white there.
"""

from pytest_vlmperception.stimuli.datasets.given import data_name
from pytest_vlmperception.stimuli.datasets.prompt_files import FORMATS
from pytest_vlmperception.stimuli.datasets.reading import LAYOUTS, read_dataset, read_dataset_votes
from pytest_vlmperception.stimuli.datasets.voted import read_votes
from pytest_vlmperception.stimuli.datasets.wise_editions import WISE_WEIGHTS

__all__ = ["FORMATS", "LAYOUTS", "WISE_WEIGHTS", "data_name", "read_dataset", "read_dataset_votes", "read_votes"]
