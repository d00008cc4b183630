"""Tasks of assignment 10: a model from torch's parts, and three layers to fix."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn.modules.module import register_module_forward_hook

from bncourse.observing.calling import arguments_of, in_words, ways_to_call
from bncourse.observing.recorder import Recorder, Stop, is_stub
from bncourse.observing.task import Question, Task
from bncourse.observing.tasks.normalisation import (
    FLOAT64,
    apart,
    layer_inputs,
    learned_of,
    observe_gradients,
    observe_parameters,
    set_mode,
)
from bncourse.plugged import (
    CHARACTERS,
    EMBEDDING,
    INPUTS,
    PROMISED,
    UNITS,
    NameNetwork,
    first_batch,
    kept_promises,
    loss_on_new_examples,
    losses_of,
    name_batches,
    new_examples,
    parameters_of,
    switch_mode,
    train,
    weights,
)

__all__ = ["bug_hunt", "torch_model", "trained_torch_model"]

SIZES = ("vocabulary", "block_size", "embedding", "hidden", "depth")


def ask_torch_model(rng: np.random.Generator) -> list[Question]:
    """Shallow and deep, wide and narrow, of long and short contexts; the arguments by position and by name."""
    questions: list[Question] = []
    for sizes, examples in [
        ((27, 3, 4, 6, 2), 9),
        ((5, 1, 3, 4, 1), 6),
        ((11, 4, 2, 3, 4), 12),
        ((6, 2, 5, 7, 3), 8),
        ((9, 6, 1, 5, 1), 7),
    ]:
        vocabulary, block_size = sizes[:2]
        by_name = len(questions) % 2 == 1
        words = ", ".join(f"{name}={size}" if by_name else str(size) for name, size in zip(SIZES, sizes, strict=True))
        shape = (examples, block_size)
        questions.append(
            {
                "call": f"build_model({words}), {examples} contexts of {block_size}",
                "sizes": list(sizes),
                "by_name": by_name,
                "seed": int(rng.integers(2**31)),
                "batches": [rng.integers(vocabulary, size=shape) for _ in range(2)],
                "evaluation": rng.integers(vocabulary, size=shape),
                "dout": rng.normal(size=(examples, vocabulary)).astype("float32"),
                "strided": by_name,
                # BatchNorm over a few examples makes much of the rounding of the layers before it.
                "tolerance": 5e-4,
            }
        )
    return questions


def layers_that_run(model: nn.Module, contexts: Tensor) -> list[nn.Module]:
    """The layers that a forward pass goes through, in that order, whether the model knows of them or not."""
    ran: list[nn.Module] = []
    handle = register_module_forward_hook(lambda module, inputs, result: ran.append(module))
    try:
        model.eval()
        with torch.no_grad():
            model(contexts)
    finally:
        handle.remove()
    return list(dict.fromkeys(ran))


def rows_differ(layer: nn.Module) -> bool:
    """Whether the rows of a layer's weight, one per letter or per unit, are numbers that are not all alike."""
    weight = layer.weight.detach()
    return bool(weight.isfinite().all() and (weight != weight[:1]).any())


@torch.no_grad()
def fill(layers: list[nn.Module], seed: int) -> None:
    """Give every parameter numbers that depend on its place and its shape alone."""
    for number, layer in enumerate(layers):
        for which, parameter in enumerate((layer.weight, getattr(layer, "bias", None))):
            if parameter is None:
                continue
            rng = np.random.default_rng([seed, isinstance(layer, nn.Linear), number, which])
            numbers = rng.normal(size=parameter.shape)
            if isinstance(layer, nn.Linear) and which == 0:
                numbers *= 1.5 / np.sqrt(parameter.shape[1])
            if isinstance(layer, nn.BatchNorm1d) and which == 0:
                numbers = rng.uniform(0.5, 2.0, parameter.shape)
            parameter.copy_(torch.from_numpy(numbers))


def observe_torch_model(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Look at the layers that run, give them the question's weights, train a little and evaluate."""
    sizes = question["sizes"]
    named = dict(zip(SIZES, sizes, strict=True)) if question["by_name"] else {}
    model = recorder.make("the model", theirs, *([] if named else sizes), **named)
    if model is None and is_stub(theirs):
        recorder.stub("the model")
    name = "the result is a torch.nn.Module"
    recorder.write(name, None if model is None else isinstance(model, nn.Module), "shape")
    if not isinstance(model, nn.Module):
        raise Stop

    contexts = recorder.tensor("the contexts", question["evaluation"], strided=question["strided"])
    with recorder.attempt("the logits"):
        ran = layers_that_run(model, contexts)
    embeddings = [layer for layer in ran if isinstance(layer, nn.Embedding)]
    linears = [layer for layer in ran if isinstance(layer, nn.Linear)]
    norms = [layer for layer in ran if isinstance(layer, nn.BatchNorm1d)]
    for what, found in {
        "num_embeddings of the nn.Embedding layers": [layer.num_embeddings for layer in embeddings],
        "embedding_dim of the nn.Embedding layers": [layer.embedding_dim for layer in embeddings],
        "in_features of the nn.Linear layers": [layer.in_features for layer in linears],
        "out_features of the nn.Linear layers": [layer.out_features for layer in linears],
        "num_features of the nn.BatchNorm1d layers": [layer.num_features for layer in norms],
        "bias of the nn.Linear layers (1: there is one)": [int(layer.bias is not None) for layer in linears],
        "affine of the nn.BatchNorm1d layers (1: True)": [int(layer.affine) for layer in norms],
        "eps of the nn.BatchNorm1d layers (1: torch's own)": [int(layer.eps == 1e-5) for layer in norms],
        "momentum of the nn.BatchNorm1d layers (1: torch's own)": [int(layer.momentum == 0.1) for layer in norms],
        "track_running_stats of the nn.BatchNorm1d layers (1: True)": [
            int(layer.track_running_stats) for layer in norms
        ],
    }.items():
        recorder.write(what, found, "shape")
    trained = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    recorder.write("how many numbers parameters() holds that are to be trained", trained, "state")
    for what, drawn in (("letters", embeddings), ("units of the hidden layers", linears[:-1])):
        with recorder.attempt(f"the first weights of the {what}", "state"):
            recorder.write(f"the {what} start with weights that differ", all(map(rows_differ, drawn)), "state")

    with recorder.attempt("writing to the weights"):
        for kind, layers in enumerate((embeddings, linears, norms)):
            fill([layer for layer in layers if isinstance(layer.weight, Tensor)], question["seed"] + kind)
    model.train()
    for i, batch in enumerate(question["batches"], start=1):
        given = recorder.tensor(f"the contexts of batch {i}", batch, strided=question["strided"])
        logits = recorder.call(f"the logits of batch {i}", model, given)
    recorder.backward(logits, question["dout"])
    for what, layers in (("Embedding", embeddings), ("Linear", linears), ("BatchNorm1d", norms)):
        for number, layer in enumerate(layers, start=1):
            if layer.weight is not None:
                recorder.write(f"weight.grad of nn.{what} {number}", layer.weight.grad, "gradients")
    for number, layer in enumerate(norms, start=1):
        recorder.write(f"running_mean of nn.BatchNorm1d {number}", layer.running_mean, "state")
        recorder.write(f"running_var of nn.BatchNorm1d {number}", layer.running_var, "state")

    with recorder.attempt("eval()", "state"):
        model.eval()
    recorder.call("the logits in evaluation", model, contexts, stage="state")
    recorder.call("the logits of one context in evaluation", model, contexts[:1], stage="state")


torch_model = Task(
    name="torch_model",
    subject="build_model(vocabulary, block_size, embedding, hidden, depth)",
    ask=ask_torch_model,
    observing=observe_torch_model,
)


OTHERS = {"eps": 1e-2, "momentum": 0.3}


def about_batchnorm(
    rng: np.random.Generator, sizes: tuple[int, ...], dim: int, dtype: str, offset: float, scale: float, **more: Any
) -> Question:
    """Return a question about the BatchNorm1d."""
    batches, douts = layer_inputs(rng, [(n, dim) for n in sizes], dtype, offset, scale)
    return {
        "call": f"BatchNorm1d({in_words(more, dim)})",
        "words": f"batches of {', '.join(map(str, sizes))} examples, {dtype}",
        "layer": "BatchNorm1d",
        "dim": dim,
        "gamma": rng.uniform(0.5, 2.0, dim).astype("float32"),
        "beta": rng.normal(size=dim).astype("float32"),
        "batches": [apart(x) for x in batches],
        "douts": douts,
        "evaluation": layer_inputs(rng, [(4, dim)], dtype, offset)[0][0],
        "strided": dtype == "float64",
        **more,
    }


def ask_bug_hunt(rng: np.random.Generator) -> list[Question]:
    """Each layer by itself, and then all of them as a network that is trained for a few steps."""
    questions: list[Question] = []
    for fan_in, fan_out, bias, examples in [(4, 3, True, 5), (3, 6, False, 2), (1, 2, None, 7)]:
        in_call = "" if bias is None else f", bias={bias}"
        questions.append(
            {
                "call": f"Linear({fan_in}, {fan_out}{in_call})",
                "words": f"{examples} examples",
                "layer": "Linear",
                "sizes": [fan_in, fan_out],
                "bias": bias,
                "weight": rng.normal(size=(fan_in, fan_out)).astype("float32"),
                "bias_value": rng.normal(size=fan_out).astype("float32"),
                "x": rng.normal(size=(examples, fan_in)).astype("float32"),
                "dout": rng.normal(size=(examples, fan_out)).astype("float32"),
                "strided": bias is False,
            }
        )
    for sizes, dim, dtype, offset, momentum, tolerance in [
        ((7, 2, 5), 3, "float32", 0.0, 0.1, 2e-4),
        ((4, 9), 2, "float64", 3.0, 0.3, FLOAT64),
        ((2, 8), 4, "float32", 100.0, 0.1, 5e-4),
    ]:
        given = {"given": {"eps": float(rng.choice([1e-4, 1e-3])), "momentum": momentum}, "by position": False}
        questions.append(about_batchnorm(rng, sizes, dim, dtype, offset, 1.0, tolerance=tolerance, **given))
    more: dict[str, Any] = {"family": "arguments", "tolerance": FLOAT64}
    first = about_batchnorm(rng, (5,), 2, "float64", 1.0, 3e-3, **more, **ways_to_call(OTHERS)[0])
    questions += [{**first, **way, "call": f"BatchNorm1d({in_words(way, 2)})"} for way in ways_to_call(OTHERS)]
    for_tanh: list[tuple[list[tuple[int, ...]], str]] = [
        ([(5, 3), (2, 3)], "float32"),
        ([(2, 3, 4), (2, 3, 4)], "float64"),
    ]
    for shapes, dtype in for_tanh:
        words = " and then ".join(map(str, shapes))
        questions.append(
            {
                "call": "Tanh()",
                "words": f"inputs of shape {words}, {dtype}",
                "layer": "Tanh",
                "inputs": [2 * rng.normal(size=shape).astype(dtype) for shape in shapes],
                "douts": [rng.normal(size=shape).astype(dtype) for shape in shapes],
                "strided": dtype == "float64",
            }
        )
    questions.append(
        {
            "call": "Linear(4, 6, bias=False), BatchNorm1d(6), Tanh(), Linear(6, 3), three steps of SGD",
            "layer": "network",
            "weights": [rng.normal(size=shape).astype("float32") / 2 for shape in ((4, 6), (6, 3))],
            "batches": [rng.normal(size=(8, 4)).astype("float32") for _ in range(3)],
            "targets": [rng.normal(size=(8, 3)).astype("float32") for _ in range(3)],
            "tolerance": 2e-4,
        }
    )
    return questions


def observe_bug_hunt(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Observe one of the layers, or all."""
    {
        "Linear": observe_linear,
        "BatchNorm1d": observe_batchnorm,
        "Tanh": observe_tanh,
        "network": observe_network,
    }[question["layer"]](recorder, theirs, question)


def observe_linear(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Its weights, its parameters, its result and its gradients."""
    bias = question["bias"]
    named = {} if bias is None else {"bias": bias}
    layer = recorder.make("making it", theirs.Linear, *question["sizes"], **named)
    weight = recorder.get("weight", layer, "weight", stage="state")
    del recorder.values["weight"]  # drawn at random
    with recorder.attempt("the shape of weight"):
        recorder.write("the shape of weight", list(weight.shape), "shape")
    if bias:
        wide = recorder.make("making Linear(400, 100)", theirs.Linear, 400, 100)
        with recorder.attempt("the spread of the weights of Linear(400, 100)", "state"):
            spread = float(wide.weight.detach().std())
            recorder.write("the weights of Linear(400, 100) have the std 1/√400", abs(20 * spread - 1) < 0.05, "state")
    listed = observe_listed(recorder, layer)
    recorder.write("weight in parameters()", any(weight is other for other in listed), "state", role="listed")
    with recorder.attempt("writing to the weights", "state"), torch.no_grad():
        weight.copy_(torch.from_numpy(question["weight"]))
        if bias is not False:
            layer.bias.copy_(torch.from_numpy(question["bias_value"]))
    x = recorder.tensor("x", question["x"], requires_grad=True, strided=question["strided"])
    y = recorder.call("the output", layer, x)
    recorder.backward(y, question["dout"])
    recorder.write("x.grad", x.grad, "gradients")
    recorder.write("weight.grad", weight.grad, "gradients")
    if bias is not False:
        is_listed = any(layer.bias is other for other in listed)
        recorder.write("bias in parameters()", is_listed, "state", role="listed")
        recorder.write("bias.grad", layer.bias.grad, "gradients")


def observe_listed(recorder: Recorder, layer: Any) -> list[Any]:
    """Write down how many parameters a layer lists, and whether an optimiser can train each; return them."""
    with recorder.attempt("parameters()", "state"):
        listed = list(layer.parameters())
    trainable = [isinstance(other, Tensor) and other.requires_grad for other in listed]
    recorder.write("how many tensors to train parameters() lists", sum(trainable), "state")
    recorder.write("parameters() lists anything else", not all(trainable), "state")
    return listed


def observe_batchnorm(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Train and evaluate."""
    positional, named = arguments_of(question)
    layer = recorder.make("making it", theirs.BatchNorm1d, question["dim"], *positional, **named)
    observe_parameters(recorder, layer, question)
    observe_listed(recorder, layer)
    for i, (batch, dout) in enumerate(zip(question["batches"], question["douts"], strict=True), start=1):
        when = f"of batch {i}"
        x = recorder.tensor(f"x {when}", batch, requires_grad=True, strided=question["strided"])
        y = recorder.call(f"the output {when}", layer, x)
        observe_gradients(recorder, layer, x, y, dout, when)
        for name in ("running_mean", "running_var"):
            running = recorder.get(f"{name} after batch {i}", layer, name)
            recorder.write(
                f"{name} after batch {i} is part of a graph", getattr(running, "requires_grad", None), "state"
            )
    set_mode(recorder, layer, training=False)
    x = recorder.tensor("x in evaluation", question["evaluation"])
    recorder.call("the output in evaluation", layer, x, stage="state")
    recorder.call("the output for one example in evaluation", layer, x[:1], stage="state")
    recorder.get("running_mean after evaluation", layer, "running_mean")
    recorder.get("running_var after evaluation", layer, "running_var")


def observe_tanh(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Two inputs, one after the other."""
    layer = recorder.make("making it", theirs.Tanh)
    with recorder.attempt("parameters()", "state"):
        recorder.write("how many parameters it lists", len(list(layer.parameters())), "state")
    for i, (values, dout) in enumerate(zip(question["inputs"], question["douts"], strict=True), start=1):
        x = recorder.tensor(f"x {i}", values, requires_grad=True, strided=question["strided"])
        y = recorder.call(f"the output for input {i}", layer, x)
        recorder.backward(y, dout)
        recorder.write(f"the gradient of input {i}", x.grad, "gradients")


def observe_network(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Collect all parameters, train, and evaluate."""
    layers = [
        recorder.make("making Linear(4, 6, bias=False)", theirs.Linear, 4, 6, bias=False),
        recorder.make("making BatchNorm1d(6)", theirs.BatchNorm1d, 6),
        recorder.make("making Tanh()", theirs.Tanh),
        recorder.make("making Linear(6, 3)", theirs.Linear, 6, 3),
    ]
    with recorder.attempt("collecting the parameters of all layers", "state"):
        for layer, weight in zip(layers[::3], question["weights"], strict=True):
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(weight))
        parameters = [p for layer in layers for p in layer.parameters()]

    def network(x: Tensor) -> Tensor:
        for layer in layers:
            x = layer(x)
            # A layer may keep its state in float64; the weights of the next one are float32.
            x = x.float() if isinstance(x, Tensor) else x
        return x

    for i, (batch, target) in enumerate(zip(question["batches"], question["targets"], strict=True), start=1):
        x = recorder.tensor(f"x {i}", batch)
        y = recorder.call(f"the network's output in step {i}", network, x, stage="state")
        with recorder.attempt("the gradient", "gradients"):
            loss = (y - torch.from_numpy(target)).square().mean()
            loss.backward()
            with torch.no_grad():
                for parameter in parameters:
                    if parameter.grad is not None:
                        parameter -= 0.5 * parameter.grad
                    parameter.grad = None
    for layer in layers:
        set_mode(recorder, layer, training=False)
    recorder.call("the network's output in evaluation", network, recorder.tensor("x", batch), stage="state")


bug_hunt = Task(
    name="bug_hunt",
    subject="Linear, BatchNorm1d and Tanh from the listing",
    ask=ask_bug_hunt,
    observing=observe_bug_hunt,
    defaults={"eps": 1e-5, "momentum": 0.1},
    parts=("Linear", "BatchNorm1d", "Tanh"),
    in_graph=True,
)


# Plug it in


def ask_trained_torch_model(rng: np.random.Generator) -> list[Question]:
    """One training of the model, and one of the fixed layers."""
    return [
        {
            **name_batches(rng, 80),
            "call": f"80 training steps with {words}",
            "words": "learning rate 0.3",
            "which": which,
            "tolerance": {FIRST: 1e-3, PROMISED: 1e-3, MOVED: 0.01, IN_EVALUATION: 1e-3, ONE_BY_ONE: 0.01},
        }
        for which, words in [
            ("model", "your model, 2 layers of 64 units"),
            ("layers", "your fixed layers, 100 units"),
        ]
    ]


FIRST = "the losses of the first batch before training, example by example"
MOVED = "how far the weights, gamma, beta, the last weights and their bias moved"
IN_EVALUATION = "the loss on new examples in evaluation"
ONE_BY_ONE = "the same, example by example"


@torch.no_grad()
def redraw(model: nn.Module, seed: int) -> None:
    """Draw the weights of a model again, each from a seed that its shape decides, so that any two models compare."""
    for parameter in parameters_of(model):
        if parameter.ndim == 2:
            rows, columns = parameter.shape
            generator = Generator().manual_seed(seed + 1000 * rows + columns)
            std = 1.0 if (rows, columns) == (CHARACTERS, EMBEDDING) else columns**-0.5
            parameter.copy_(std * torch.randn(rows, columns, generator=generator))
        elif len(parameter) == CHARACTERS:
            parameter.zero_()


def observe_trained_torch_model(recorder: Recorder, theirs: Any, question: Question) -> None:
    """Look at the losses before training, at what is trained, and at the losses on new examples in evaluation."""
    contexts, targets = first_batch(question)
    new_contexts, new_targets = new_examples(question, 50)
    if question["which"] == "model":
        torch.manual_seed(question["seed"])
        model = recorder.make("making it", theirs.build_model, CHARACTERS, 3, EMBEDDING, 64, 2)
        if model is None:
            recorder.try_out("the model", theirs.build_model, CHARACTERS, 3, EMBEDDING, 64, 2)
        recorder.try_out("the logits", model, contexts)
        with recorder.attempt("training"):
            redraw(model, question["seed"])
            recorder.write(FIRST, losses_of(model(contexts), targets).tolist())
            train(model, parameters_of(model), question, 0.3)
            model.eval()
            recorder.write(IN_EVALUATION, loss_on_new_examples(model, question))
            recorder.write(ONE_BY_ONE, losses_of(model(new_contexts), new_targets).tolist())
        return
    generator = Generator().manual_seed(question["seed"])
    first = recorder.make("making Linear", theirs.Linear, INPUTS, UNITS, bias=False)
    norm = recorder.make("making BatchNorm1d", theirs.BatchNorm1d, UNITS)
    tanh = recorder.make("making Tanh", theirs.Tanh)
    last = recorder.make("making Linear", theirs.Linear, UNITS, CHARACTERS)
    with recorder.attempt("training"):
        with torch.no_grad():
            first.weight.copy_(torch.randn(INPUTS, UNITS, generator=generator))
            last.weight.copy_(0.03 * torch.randn(UNITS, CHARACTERS, generator=generator))
        table = weights(generator, 1.0, CHARACTERS, EMBEDDING)
        layers = [lambda h, layer=layer: layer(h).to(h.dtype) for layer in (first, norm, tanh, last)]
        network = NameNetwork(table, layers, [table, *parameters_of(first, norm, tanh, last)])
        recorder.write(FIRST, losses_of(network(contexts), targets).tolist())
        recorder.write(PROMISED, kept_promises(network, question, network.parameters[:2]))
        learned = [first.weight, *learned_of(norm), last.weight, last.bias]
        before = [values.detach().clone() for values in learned]
        train(network, network.parameters, question, 0.3)
        moved = [(values.detach() - old).norm().item() for values, old in zip(learned, before, strict=True)]
        recorder.write(MOVED, moved)
        switch_mode(False, first, norm, tanh, last)
        recorder.write(IN_EVALUATION, loss_on_new_examples(network, question))
        recorder.write(ONE_BY_ONE, losses_of(network(new_contexts), new_targets).tolist())


trained_torch_model = Task(
    name="trained_torch_model",
    subject="build_model, Linear, BatchNorm1d and Tanh, in training",
    ask=ask_trained_torch_model,
    observing=observe_trained_torch_model,
    parts=("build_model", "Linear", "BatchNorm1d", "Tanh"),
    watched=False,
)
