from tinyinspect.selection.spread import spread


def test_rows_are_spread_evenly():
    assert spread(3, 250).tolist() == [0, 1, 2]
    assert spread(10, 4).tolist() == [0, 3, 6, 9]
    assert spread(0, 4).tolist() == []
