import numpy as np

from tinyinspect.labelling.likeness import clusters, nearest


def test_clusters_are_of_frames_that_look_alike() -> None:
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(5), 20)
    embeddings = (np.eye(5)[truth] * 10 + rng.normal(0, 0.2, (100, 5))).astype(np.float32)
    found, distances = clusters(embeddings)
    assert found.shape == distances.shape == (100,)
    for cluster in range(5):
        assert len(set(truth[found == cluster])) <= 1
    assert clusters(embeddings[:3])[0].tolist() == [0, 0, 0]


def test_nearest_begins_with_the_frame_itself() -> None:
    angles = np.linspace(0, 1.5, 30)
    embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32) * 7
    assert nearest(embeddings, 10, 5) == [10, 9, 11, 8, 12] or set(nearest(embeddings, 10, 5)) == {8, 9, 10, 11, 12}
    assert nearest(embeddings, 10, 5)[0] == 10
    assert len(nearest(embeddings, 0, 50)) == 30
    assert nearest(np.zeros((3, 2), np.float32), 1, 2)[0] == 1
