from worker import handle


def test_an_event_is_handled():
    assert handle({"b": 1, "a": 2}) == 'handled {"a": 2, "b": 1}'
