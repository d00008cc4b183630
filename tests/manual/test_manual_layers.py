"""The NumPy layers give the outputs, gradients and running estimates that torch autograd gives."""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bncourse.manual import BatchNorm, Embedding, Flatten, Linear, SoftmaxCrossEntropy, Tanh

drawn = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # `agree` and the thread setting keep no state
)
sizes = st.integers(1, 12)
batches = st.integers(2, 40)
seeds = st.integers(0, 2**32 - 1)
# A tolerance in absolute numbers asks for inputs and 1/√var of ordinary size.
scales = st.sampled_from([0.3, 1.0, 10.0])
offsets = st.sampled_from([0.0, -2.0, 30.0])
epsilons = st.sampled_from([1e-5, 1e-3, 0.1])
momenta = st.one_of(st.none(), st.floats(0, 1))


def leaf(array):
    return torch.tensor(array, requires_grad=True)


def torch_batchnorm(dim, eps, momentum):
    return torch.nn.BatchNorm1d(dim, eps=eps, momentum=momentum, dtype=torch.float64)


@drawn
@given(n=st.integers(0, 40), fan_in=sizes, fan_out=sizes, bias=st.booleans(), scale=scales, seed=seeds)
def test_linear_is_autograds(agree, n, fan_in, fan_out, bias, scale, seed):
    rng = np.random.default_rng(seed)
    layer = Linear(fan_in, fan_out, bias, generator=torch.Generator().manual_seed(seed))
    if bias:
        layer.bias += rng.normal(size=fan_out)
    x, dout = scale * rng.normal(size=(n, fan_in)), rng.normal(size=(n, fan_out))
    tx, tensors = leaf(x), {name: leaf(array) for name, array in layer.parameters().items()}
    ty = tx @ tensors["weight"] + (tensors["bias"] if bias else 0)
    ty.backward(torch.tensor(dout))
    y, dx = layer.forward(x), layer.backward(dout)
    gradients = {name: (layer.grads[name], tensor.grad) for name, tensor in tensors.items()}
    agree({"y": (y, ty), "dx": (dx, tx.grad), **gradients})
    assert layer.grads.keys() == layer.parameters().keys()


@drawn
@given(shape=st.lists(sizes, min_size=1, max_size=3), scale=scales, seed=seeds)
def test_tanh_is_autograds(agree, shape, scale, seed):
    rng = np.random.default_rng(seed)
    x, dout = scale * rng.normal(size=shape), rng.normal(size=shape)
    tx = leaf(x)
    ty = torch.tanh(tx)
    ty.backward(torch.tensor(dout))
    layer = Tanh()
    agree({"y": (layer.forward(x), ty), "dx": (layer.backward(dout), tx.grad)})


@drawn
@given(
    shape=st.lists(st.integers(0, 6), min_size=0, max_size=3),
    count=sizes,
    dim=sizes,
    seed=seeds,
)
def test_embedding_is_autograds(agree, shape, count, dim, seed):
    rng = np.random.default_rng(seed)
    layer = Embedding(count, dim, generator=torch.Generator().manual_seed(seed))
    index, dout = np.asarray(rng.integers(0, count, size=shape)), rng.normal(size=(*shape, dim))
    weight = leaf(layer.weight)
    ty = weight[torch.as_tensor(index)]
    ty.backward(torch.tensor(dout))
    y = layer.forward(index)
    assert layer.backward(dout) is None
    agree({"y": (y, ty), "weight": (layer.grads["weight"], weight.grad)})


@drawn
@given(shape=st.lists(st.integers(0, 6), min_size=2, max_size=4), seed=seeds)
def test_flatten_is_autograds(agree, shape, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape)
    tx = leaf(x)
    ty = tx.flatten(1)
    dout = rng.normal(size=tuple(ty.shape))
    ty.backward(torch.tensor(dout))
    layer = Flatten()
    agree({"y": (layer.forward(x), ty), "dx": (layer.backward(dout), tx.grad)})


@drawn
@given(n=st.integers(1, 40), classes=sizes, scale=st.sampled_from([1.0, 30.0, 1e4]), dout=st.floats(-3, 3), seed=seeds)
def test_softmax_cross_entropy_is_autograds(agree, n, classes, scale, dout, seed):
    rng = np.random.default_rng(seed)
    logits, targets = scale * rng.normal(size=(n, classes)), rng.integers(0, classes, size=n)
    tlogits = leaf(logits)
    loss = torch.nn.functional.cross_entropy(tlogits, torch.tensor(targets))
    loss.backward(torch.tensor(dout, dtype=torch.float64))
    criterion = SoftmaxCrossEntropy()
    value = criterion.forward(logits, targets)
    assert isinstance(value, float)
    agree({"loss": (value, loss), "dlogits": (criterion.backward(dout), tlogits.grad)})


@drawn
@given(
    n=batches,
    dim=sizes,
    eps=epsilons,
    momentum=momenta,
    scale=scales,
    offset=offsets,
    steps=st.integers(1, 4),
    seed=seeds,
)
def test_batchnorm_is_torch_nn_over_several_steps_and_then_in_evaluation(
    agree, n, dim, eps, momentum, scale, offset, steps, seed
):
    rng = np.random.default_rng(seed)
    layer, reference = BatchNorm(dim, eps, momentum), torch_batchnorm(dim, eps, momentum)
    for training in [True] * steps + [False]:
        layer.train(training)
        reference.train(training)
        layer.gamma[:], layer.beta[:] = rng.normal(size=(2, dim))
        with torch.no_grad():
            reference.weight.copy_(torch.tensor(layer.gamma))
            reference.bias.copy_(torch.tensor(layer.beta))
        reference.zero_grad()
        x, dout = offset + scale * rng.normal(size=(n, dim)), rng.normal(size=(n, dim))
        tx = leaf(x)
        ty = reference(tx)
        ty.backward(torch.tensor(dout))
        y, dx = layer.forward(x), layer.backward(dout)
        agree(
            {
                "y": (y, ty),
                "dx": (dx, tx.grad),
                "gamma": (layer.grads["gamma"], reference.weight.grad),
                "beta": (layer.grads["beta"], reference.bias.grad),
                "running_mean": (layer.running_mean, reference.running_mean),
                "running_var": (layer.running_var, reference.running_var),
                "num_batches_tracked": (layer.num_batches_tracked, reference.num_batches_tracked),
            }
        )


@drawn
@given(n=batches, dim=sizes, eps=epsilons, scale=scales, offset=offsets, seed=seeds)
def test_batchnorm_with_the_unbiased_batch_variance_is_autograds(agree, n, dim, eps, scale, offset, seed):
    rng = np.random.default_rng(seed)
    layer = BatchNorm(dim, eps, unbiased_batch_variance=True)
    layer.gamma[:], layer.beta[:] = rng.normal(size=(2, dim))
    x, dout = offset + scale * rng.normal(size=(n, dim)), rng.normal(size=(n, dim))
    tx, gamma, beta = leaf(x), leaf(layer.gamma), leaf(layer.beta)
    ty = gamma * (tx - tx.mean(0)) / torch.sqrt(tx.var(0, correction=1) + eps) + beta
    ty.backward(torch.tensor(dout))
    y, dx = layer.forward(x), layer.backward(dout)
    agree(
        {
            "y": (y, ty),
            "dx": (dx, tx.grad),
            "gamma": (layer.grads["gamma"], gamma.grad),
            "beta": (layer.grads["beta"], beta.grad),
            "running_mean": (layer.running_mean, 0.1 * tx.mean(0)),
            "running_var": (layer.running_var, 0.9 + 0.1 * tx.var(0, correction=1)),
        }
    )


@drawn
@given(n=batches, block=st.integers(1, 4), dim=sizes, hidden=sizes, classes=st.integers(2, 12), seed=seeds)
def test_a_whole_network_is_autograds(agree, n, block, dim, hidden, classes, seed):
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    layers = [
        Embedding(classes, dim, generator=generator),
        Flatten(),
        Linear(block * dim, hidden, bias=False, gain=5 / 3, generator=generator),
        BatchNorm(hidden),
        Tanh(),
        Linear(hidden, classes, generator=generator),
    ]
    index, targets = rng.integers(0, classes, size=(n, block)), rng.integers(0, classes, size=n)
    tensors = [{name: leaf(array) for name, array in layer.parameters().items()} for layer in layers]
    embedding, _, linear, norm, _, output = tensors
    pre = embedding["weight"][torch.tensor(index)].flatten(1) @ linear["weight"]
    pre = torch.nn.functional.batch_norm(pre, None, None, norm["gamma"], norm["beta"], training=True)
    loss = torch.nn.functional.cross_entropy(torch.tanh(pre) @ output["weight"] + output["bias"], torch.tensor(targets))
    loss.backward()

    criterion, x = SoftmaxCrossEntropy(), index
    for layer in layers:
        x = layer.forward(x)
    pairs = {"loss": (criterion.forward(x, targets), loss)}
    dout = criterion.backward()
    for layer in reversed(layers):
        dout = layer.backward(dout)
    for number, (layer, named) in enumerate(zip(layers, tensors, strict=True)):
        pairs |= {f"{number}.{name}": (layer.grads[name], tensor.grad) for name, tensor in named.items()}
    agree(pairs)


def finite_differences(f, array, step=1e-6):
    """∂f()/∂array by central differences; ``array`` is moved in place and put back."""
    gradient = np.empty_like(array)
    for place in np.ndindex(array.shape):
        before = array[place]
        array[place] = before + step
        above = f()
        array[place] = before - step
        below = f()
        array[place] = before
        gradient[place] = (above - below) / (2 * step)
    return gradient


@pytest.mark.parametrize(
    "layer",
    [
        Linear(4, 3, generator=torch.Generator().manual_seed(1)),
        Tanh(),
        BatchNorm(4),
        BatchNorm(4, eps=0.1, unbiased_batch_variance=True),
        BatchNorm(4).eval(),
    ],
    ids=["linear", "tanh", "batchnorm", "batchnorm-unbiased", "batchnorm-eval"],
)
def test_backward_is_the_slope_that_finite_differences_measure(layer):
    rng = np.random.default_rng(7)
    x = rng.normal(size=(6, 4))
    for parameter in layer.parameters().values():
        parameter += rng.normal(size=parameter.shape)
    dout = rng.normal(size=layer.forward(x).shape)
    dx = layer.backward(dout)
    gradients = {"x": dx, **layer.grads}
    for name, array in {"x": x, **layer.parameters()}.items():
        slope = finite_differences(lambda: (layer.forward(x) * dout).sum(), array)
        np.testing.assert_allclose(gradients[name], slope, atol=1e-8, rtol=1e-7, err_msg=name)


def test_cross_entropys_backward_is_the_slope_that_finite_differences_measure():
    rng = np.random.default_rng(8)
    logits, targets = rng.normal(size=(5, 4)), rng.integers(0, 4, size=5)
    criterion = SoftmaxCrossEntropy()
    criterion.forward(logits, targets)
    dlogits = criterion.backward()
    np.testing.assert_allclose(
        dlogits, finite_differences(lambda: criterion.forward(logits, targets), logits), atol=1e-9
    )


def test_same_seed_starts_as_torch_draws():
    linear = Linear(30, 200, gain=5 / 3, generator=torch.Generator().manual_seed(3))
    drawn_by_torch = torch.randn((30, 200), generator=torch.Generator().manual_seed(3)) * (5 / 3 / 30**0.5)
    np.testing.assert_array_equal(linear.weight, drawn_by_torch.double())
    assert not linear.bias.any()


def test_updating_a_parameter_in_place_updates_the_layer():
    layer = Linear(2, 1)
    layer.parameters()["weight"] -= layer.weight
    assert not layer.forward(np.ones((1, 2))).any()


def test_float32_stays_float32():
    x = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)
    layers = [Linear(4, 4, dtype=np.float32), BatchNorm(4, dtype=np.float32), Tanh()]
    for layer in layers:
        x = layer.forward(x)
        assert x.dtype == np.float32
    for layer in reversed(layers):
        x = layer.backward(x)
        assert x.dtype == np.float32
        assert all(gradient.dtype == np.float32 for gradient in layer.grads.values())


def test_backward_needs_no_second_look_at_the_mode():
    """The gradient belongs to the forward that was run, whatever the mode is by then."""
    rng = np.random.default_rng(2)
    x, dout = rng.normal(size=(2, 5, 3))
    layer = BatchNorm(3)
    layer.forward(x)
    in_training = layer.backward(dout)
    np.testing.assert_array_equal(layer.eval().backward(dout), in_training)


X = np.zeros((4, 3))


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (lambda: Linear(0, 3), ValueError, "fan_in is 0"),
        (lambda: Linear(3, 2.5), TypeError, "fan_out is 2.5"),
        (lambda: Linear(3, 2, bias=None), TypeError, "bias is None"),
        (lambda: Linear(3, 2, gain=-1), ValueError, "gain is -1"),
        (lambda: Linear(3, 2, gain="5/3"), TypeError, "gain is '5/3'"),
        (lambda: Linear(3, 2, dtype=int), TypeError, "dtype is int64"),
        (lambda: BatchNorm(True), TypeError, "dim is True"),
        (lambda: BatchNorm(3, eps=-1e-5), ValueError, "eps is -1e-05"),
        (lambda: BatchNorm(3, momentum=1.5), ValueError, "momentum is 1.5"),
        (lambda: BatchNorm(3, unbiased_batch_variance=1), TypeError, "unbiased_batch_variance is 1"),
        (lambda: Linear(5, 2).forward(X), ValueError, r"shape \(4, 3\); it takes \(N, 5\)"),
        (lambda: BatchNorm(5).forward(X), ValueError, r"shape \(4, 3\); it takes \(N, 5\)"),
        (lambda: BatchNorm(3).forward(X[0]), ValueError, r"shape \(3,\)"),
        (lambda: BatchNorm(3).forward(X[:1]), ValueError, "training batch of 1"),
        (lambda: Linear(3, 2).forward(X.tolist()), TypeError, "given a list"),
        (lambda: Tanh().forward(X.astype(int)), TypeError, "array of int64"),
        (lambda: Flatten().forward(X[0]), ValueError, r"shape \(3,\)"),
        (lambda: Embedding(3, 2).forward(X), TypeError, "array of float64"),
        (lambda: Embedding(3, 2).forward(np.array([0, 3])), IndexError, "indices from 0 to 3; it takes 0 to 2"),
        (lambda: Embedding(3, 2).forward(np.array([-1])), IndexError, "indices from -1"),
        (lambda: SoftmaxCrossEntropy().forward(X, np.arange(3)), ValueError, r"\(4, 3\) and targets of shape \(3,\)"),
        (lambda: SoftmaxCrossEntropy().forward(X[:0], np.arange(0)), ValueError, "it takes"),
        (lambda: SoftmaxCrossEntropy().forward(X, np.arange(4)), IndexError, "targets from 0 to 3"),
        (lambda: SoftmaxCrossEntropy().forward(X, np.zeros(4)), TypeError, "targets as an array of float64"),
        *[
            (lambda layer=layer: layer.backward(X), RuntimeError, "call forward first")
            for layer in (Linear(3, 2), Tanh(), BatchNorm(3), Embedding(3, 2), Flatten())
        ],
        (lambda: SoftmaxCrossEntropy().backward(), RuntimeError, "call forward first"),
    ],
)
def test_a_wrong_argument_gets_one_clear_sentence(wrong, error, words):
    with pytest.raises(error, match=words) as caught:
        wrong()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "layer",
    [Linear(3, 3), Tanh(), BatchNorm(3), Flatten()],
    ids=lambda layer: type(layer).__name__,
)
def test_a_gradient_of_another_shape_than_the_output_is_refused(layer):
    layer.forward(X)
    with pytest.raises(ValueError, match=r"gradient of shape \(3,\); its last output has the shape \(4, 3\)"):
        layer.backward(np.zeros(3))


def test_evaluation_takes_a_batch_of_one():
    np.testing.assert_allclose(BatchNorm(3, eps=0).eval().forward(X[:1] + 2), X[:1] + 2)
