"""A name is found where a word begins with it, in any writing, and nowhere else."""

import pytest

from demur.judge.naming import says_one_of


@pytest.mark.parametrize(
    ("text", "names", "is_said"),
    [
        ("Without her CONSENT, no.", ["consent"], True),
        ("Not for consenting adults.", ["consent"], True),
        ("That is a disconsent.", ["consent"], False),
        ("It’s someone else’s account.", ["someone else's"], True),
        ("It is somebody's.", ["some one"], False),
        ("Das wäre Diebstahl.", ["diebstahl"], True),
        ("ＦＲＡＵＤ", ["fraud"], True),
        ("Das verletzt fremde Rechte.", ["recht"], True),
        ("それは他人のプライバシーの侵害です。", ["プライバシー"], True),
        ("这侵犯了别人的隐私。", ["隐私"], True),
        ("이것은 사생활 침해입니다.", ["사생활"], True),
        ("هذا احتيال.", ["احتيال"], True),
        ("यह धोखाधड़ी है।", ["धोखा"], True),
        ("No.", ["harm", "law"], False),
        ("a+b", ["a+b"], True),
        ("", ["law"], False),
        ("the law", [], False),
    ],
)
def test_what_is_named(text, names, is_said):
    """Capitals, width and kinds of quotes do not count; where writing leaves no spaces a name may stand anywhere."""
    assert says_one_of(text, names) is is_said
