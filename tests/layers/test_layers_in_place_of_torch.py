"""The sentence of ``bncourse.layers``: in which ways its layers can take the place of ``torch.nn``'s."""

import copy
import io

import pytest
import torch
import torch_layers
from torch import nn
from torch.optim.swa_utils import update_bn

from bncourse import layers

SIXTEEN = [torch.float16, torch.bfloat16]
NORMS = [  # name, positional arguments, shape of an input
    ("BatchNorm1d", (4,), (16, 4)),
    ("BatchNorm2d", (4,), (8, 4, 6, 6)),
    ("BatchNorm3d", (4,), (8, 4, 2, 4, 4)),
    ("LayerNorm", (4,), (16, 4)),
    ("RMSNorm", (4,), (16, 4)),
    ("GroupNorm", (2, 4), (16, 4, 5)),
    ("InstanceNorm2d", (4,), (8, 4, 6, 6)),
]


def image_model(library):
    """The same expression with both libraries: only ``library`` changes. Square Linear layers are among them."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 3),
        library.BatchNorm2d(8, 1e-5, 0.1),
        library.ReLU(),
        library.GroupNorm(2, 8),
        library.Flatten(),
        library.Linear(128, 12),
        library.LayerNorm(12),
        library.Tanh(),
        library.Linear(12, 12),
        library.BatchNorm1d(12),
        (torch_layers if library is nn else library).RMSNorm(12),
        library.Linear(12, 5, False),
    )


def text_model(library):
    return nn.Sequential(library.Embedding(27, 6), library.Flatten(), library.Linear(18, 18), library.Tanh())


def images(n=10, seed=0):
    return torch.randn(n, 3, 6, 6, generator=torch.Generator().manual_seed(seed))


def contexts():
    return torch.randint(27, (10, 3), generator=torch.Generator().manual_seed(1))


def used(model, x):
    """Move parameters and running estimates away from where they start."""
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        optimiser.zero_grad()
        model(x).square().mean().backward()
        optimiser.step()
    return model


@pytest.mark.parametrize(("build", "x"), [(image_model, images()), (text_model, contexts())], ids=["images", "text"])
def test_a_state_dict_of_torch_loads_as_it_is_and_ours_goes_back(build, x):
    theirs, ours = used(build(nn), x), build(layers)
    ours.load_state_dict(theirs.state_dict())
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), rtol=1e-5, atol=1e-6)
    ours = used(ours.train(), x)
    back = build(nn)
    back.load_state_dict(layers.to_torch(ours))
    torch.testing.assert_close(back.eval()(x), ours.eval()(x), rtol=1e-5, atol=1e-6)


def test_the_metadata_survives_a_file():
    theirs, ours = nn.Linear(4, 4), layers.Linear(4, 4)
    file = io.BytesIO()
    torch.save(theirs.state_dict(), file)
    file.seek(0)
    ours.load_state_dict(torch.load(file))
    x = torch.randn(3, 4)
    torch.testing.assert_close(ours(x), theirs(x))
    for copied in (copy.deepcopy(ours.state_dict()), ours.state_dict()):
        fresh = layers.Linear(4, 4)
        fresh.load_state_dict(copied)
        assert torch.equal(fresh.weight, ours.weight)


def test_a_square_weight_without_metadata_is_taken_as_ours_with_a_warning():
    theirs, ours = nn.Linear(4, 4), layers.Linear(4, 4)
    with pytest.warns(UserWarning, match=r"weight is square .* load layers\.from_torch\(model, state\) instead"):
        ours.load_state_dict(dict(theirs.state_dict()))
    assert torch.equal(ours.weight, theirs.weight)
    ours.load_state_dict(layers.from_torch(ours, dict(theirs.state_dict())))
    assert torch.equal(ours.weight, theirs.weight.T)


def test_from_torch_converts_names_and_layouts_of_a_whole_model():
    theirs, ours = used(image_model(nn), images()), image_model(layers)
    ours.load_state_dict(layers.from_torch(ours, dict(theirs.state_dict())))
    torch.testing.assert_close(ours.eval()(images()), theirs.eval()(images()), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("convert", [True, False])
def test_shapes_and_names_that_do_not_match_are_refused(convert):
    ours, theirs = layers.Linear(4, 3), nn.Linear(5, 3)
    state = layers.from_torch(ours, theirs.state_dict()) if convert else theirs.state_dict()
    with pytest.raises(RuntimeError, match="size mismatch for weight"):
        ours.load_state_dict(state)
    with pytest.raises(RuntimeError, match="size mismatch for gamma"):
        layers.BatchNorm1d(4).load_state_dict(nn.BatchNorm1d(3).state_dict())
    with pytest.raises(RuntimeError, match="Missing key.*bias"):
        layers.Linear(4, 3).load_state_dict(nn.Linear(4, 3, bias=False).state_dict())
    with pytest.raises(RuntimeError, match="Unexpected key.*running_scale"):
        layers.BatchNorm1d(3).load_state_dict({**nn.BatchNorm1d(3).state_dict(), "running_scale": torch.ones(3)})


@pytest.mark.parametrize(("name", "arguments", "shape"), NORMS)
@pytest.mark.parametrize("dtype", SIXTEEN)
def test_statistics_of_16_bit_inputs_are_those_of_float32(name, arguments, shape, dtype):
    """At values near 300 the square of a deviation overflows float16, and a mean in 16 bits is off by tenths."""
    ours, theirs = getattr(layers, name)(*arguments).to(dtype), getattr(nn, name)(*arguments).to(dtype)
    x = (300 * torch.rand(shape, generator=torch.Generator().manual_seed(0)) + 100).to(dtype)
    y = ours(x)
    assert y.dtype == dtype
    exact = getattr(nn, name)(*arguments)(x.float())
    assert (y.float() - exact).abs().max() <= 2 * torch.finfo(dtype).eps * exact.abs().max()
    assert {n: b.dtype for n, b in ours.named_buffers()} == {n: b.dtype for n, b in theirs.named_buffers()}


@pytest.mark.filterwarnings("ignore:Mismatch dtype between input and weight")  # torch's RMSNorm, of a slower path
@pytest.mark.parametrize("dtype", SIXTEEN)
def test_a_model_runs_under_autocast_as_torch_s_does(dtype):
    theirs, ours = used(image_model(nn), images()), image_model(layers)
    ours.load_state_dict(theirs.state_dict())
    results = []
    for model in (ours, theirs):
        outputs = []
        hooks = [layer.register_forward_hook(lambda _, __, y, outputs=outputs: outputs.append(y)) for layer in model]
        with torch.autocast("cpu", dtype):
            y = model(images(seed=1))
        for hook in hooks:
            hook.remove()
        y.float().square().mean().backward()
        results.append(([o.dtype for o in outputs], y, model[0].weight.grad.clone()))
        model.zero_grad()
    (our_dtypes, our_y, our_grad), (their_dtypes, their_y, their_grad) = results
    assert our_dtypes == their_dtypes
    # Every layer rounds to 16 bits, so that torch's own result is not exact: float32 is the judge of both.
    exact_y = theirs(images(seed=1))
    theirs.zero_grad()
    exact_y.square().mean().backward()
    for ours, torchs, exact in ((our_y, their_y, exact_y), (our_grad, their_grad, theirs[0].weight.grad)):
        tolerance = 2 * torch.finfo(dtype).eps * exact.abs().max()
        assert (ours - exact).abs().max() <= 1.5 * (torchs - exact).abs().max() + tolerance


def test_update_bn_finds_our_batchnorms():
    theirs, ours = used(image_model(nn), images()), image_model(layers)
    ours.load_state_dict(theirs.state_dict())
    batches = [images(seed=seed) for seed in range(3)]
    for model in (ours, theirs):
        update_bn(batches, model)
    for index in (1, 9):
        assert ours[index].num_batches_tracked == 3
        assert ours[index].momentum == 0.1
        torch.testing.assert_close(ours[index].running_mean, theirs[index].running_mean, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(ours[index].running_var, theirs[index].running_var, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "arguments"), [("Linear", (4, 3)), ("Embedding", (5, 3)), *((name, given) for name, given, _ in NORMS)]
)
def test_device_and_dtype_are_accepted_as_in_torch(name, arguments):
    ours, theirs = (getattr(lib, name)(*arguments, device="meta", dtype=torch.float64) for lib in (layers, nn))
    for mine, yours in (
        (list(ours.parameters()), list(theirs.parameters())),
        (list(ours.buffers()), list(theirs.buffers())),
    ):
        assert [(t.device, t.dtype, t.numel()) for t in mine] == [(t.device, t.dtype, t.numel()) for t in yours]


def test_resetting_a_batchnorm_gives_a_fresh_one():
    bn = layers.BatchNorm1d(4)
    used(bn, torch.randn(8, 4))
    bn.reset_parameters()
    for name, value in layers.BatchNorm1d(4).state_dict().items():
        assert torch.equal(bn.state_dict()[name], value), name
    layers.BatchNorm1d(4, affine=False, track_running_stats=False).reset_parameters()


@pytest.mark.parametrize("bn", [nn.LayerNorm(4), nn.InstanceNorm1d(4, track_running_stats=True), nn.Linear(4, 4)])
def test_what_is_no_batchnorm_cannot_be_folded(bn):
    with pytest.raises(TypeError, match=f"bn is a {type(bn).__name__}; it must be a BatchNorm of bncourse.layers or"):
        layers.fold_batchnorm(torch.ones(4, 2), None, bn)


@pytest.mark.parametrize("dtype", SIXTEEN)
def test_16_bit_weights_fold_in_float32(dtype):
    bn = layers.BatchNorm1d(4)
    used(bn, torch.randn(8, 4))
    weight, bias = torch.randn(4, 3).to(dtype), torch.randn(4).to(dtype)
    folded = layers.fold_batchnorm(weight, bias, copy.deepcopy(bn).to(dtype))
    exact = layers.fold_batchnorm(weight.double(), bias.double(), copy.deepcopy(bn).to(dtype).double())
    for ours, truth in zip(folded, exact, strict=True):
        assert ours.dtype == dtype
        torch.testing.assert_close(ours.double(), truth, rtol=torch.finfo(dtype).eps, atol=1e-6)
