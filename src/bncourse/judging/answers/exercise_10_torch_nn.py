"""Answers of assignment 10: a model from torch's parts, and three layers to fix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from bncourse.judging.answers import exercise_06_running_statistics as whole
from bncourse.judging.answers.exercise_02_kaiming_gain import linear_without_gradient
from bncourse.judging.answers.normalisation import LAYER_OUTCOMES, PlainBatchNorm, parameters_without_gradient
from bncourse.judging.answers.written_out import StoredApart
from bncourse.judging.check import Check
from bncourse.judging.mistakes import Mistake, written
from bncourse.observing.tasks import exercise_10_torch_nn as tasks
from bncourse.plugged import PROMISED

__all__ = ["bug_hunt", "torch_model", "trained_torch_model"]


Layers = Callable[[int, int], list[nn.Module]]
"""The layers of a part of the model, by the numbers of their inputs and outputs."""


def hidden_layer(fan_in: int, hidden: int) -> list[nn.Module]:
    """As it should be: no bias, since the mean that BatchNorm subtracts would contain it."""
    return [nn.Linear(fan_in, hidden, bias=False), nn.BatchNorm1d(hidden), nn.Tanh()]


def output_layer(hidden: int, vocabulary: int) -> list[nn.Module]:
    """As it should be: nothing follows, so the bias counts."""
    return [nn.Linear(hidden, vocabulary)]


def build_model(
    vocabulary: int,
    block_size: int,
    embedding: int,
    hidden: int,
    depth: int,
    layer: Layers = hidden_layer,
    output: Layers = output_layer,
) -> nn.Sequential:
    """The model as the assignment asks for it, or with other layers."""
    parts: list[nn.Module] = [nn.Embedding(vocabulary, embedding), nn.Flatten()]
    fan_in = block_size * embedding
    for _ in range(depth):
        parts += layer(fan_in, hidden)
        fan_in = hidden
    return nn.Sequential(*parts, *output(fan_in, vocabulary))


class Sizes(NamedTuple):
    """The arguments of the builder."""

    vocabulary: int
    block_size: int
    embedding: int
    hidden: int
    depth: int


Builder = Callable[[int, int, int, int, int], Any]


def builder(make: Callable[[Sizes], Any]) -> Builder:
    """A builder as the assignment asks for one, from a function of all sizes."""

    def build(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> Any:
        return make(Sizes(vocabulary, block_size, embedding, hidden, depth))

    return build


def model_with(layer: Layers = hidden_layer, output: Layers = output_layer) -> Builder:
    """A builder of the model with other layers."""
    return builder(lambda sizes: build_model(*sizes, layer, output))


def with_norms(**options: float) -> Builder:
    """A builder of the model whose BatchNorms are made with these options."""
    return model_with(lambda fan_in, width: [bare(fan_in, width), nn.BatchNorm1d(width, **options), nn.Tanh()])


def with_depth(counted: Callable[[int], int]) -> Builder:
    """A builder of the model with another number of hidden layers."""
    return builder(lambda sizes: build_model(*sizes[:-1], counted(sizes.depth)))


class Applied(nn.Module):
    """A function as a layer."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def with_contexts(function: Callable[[Tensor], Tensor], *, summed: bool = False) -> Builder:
    """A builder of the model in which something else becomes of the vectors of a context than one row.

    ``summed`` says that only one vector of each context is left.
    """

    def make(sizes: Sizes) -> nn.Module:
        model = build_model(*(sizes._replace(block_size=1) if summed else sizes))
        model[1] = Applied(function)
        return model

    return builder(make)


def with_part(number: int, part: Callable[[Sizes], nn.Module]) -> Builder:
    """A builder of the model in which one part is a different one."""

    def make(sizes: Sizes) -> nn.Module:
        model = build_model(*sizes)
        model[number] = part(sizes)
        return model

    return builder(make)


def bare(fan_in: int, width: int) -> nn.Linear:
    """A Linear without a bias."""
    return nn.Linear(fan_in, width, bias=False)


class Reused(nn.Module):
    """One hidden layer, used again and again."""

    def __init__(self, sizes: Sizes, *, only_norm: bool) -> None:
        super().__init__()
        vocabulary, block_size, embedding, hidden, self.depth = sizes
        self.table = nn.Embedding(vocabulary, embedding)
        self.first = bare(block_size * embedding, hidden)
        number = self.depth - 1 if only_norm else min(self.depth - 1, 1)
        self.linears = nn.ModuleList(bare(hidden, hidden) for _ in range(number))
        self.norms = nn.ModuleList(nn.BatchNorm1d(hidden) for _ in range(1 if only_norm else min(self.depth, 2)))
        self.output = nn.Linear(hidden, vocabulary)

    def forward(self, contexts: Tensor) -> Tensor:
        x = self.first(self.table(contexts).flatten(1))
        for k in range(self.depth):
            x = x if k == 0 else self.linears[min(k, len(self.linears)) - 1](x)
            x = torch.tanh(self.norms[min(k, len(self.norms) - 1)](x))
        return self.output(x)


class Hidden(nn.Module):
    """A model whose layers stand in a plain list."""

    def __init__(self, model: nn.Sequential, *, table: bool) -> None:
        super().__init__()
        self.table = model[0] if table else None
        self.output = model[-1] if table else None
        self.layers = list(model)

    def forward(self, contexts: Tensor) -> Tensor:
        x = contexts
        for layer in self.layers:
            x = layer(x)
        return x


def frozen(model: nn.Sequential) -> nn.Sequential:
    """The same, with an embedding that is not trained."""
    model[0].requires_grad_(False)
    return model


def started_with(start: Callable[[Tensor], Tensor], kind: type[nn.Module]) -> Builder:
    """A builder of the model in which the weights of one kind of layer start as a function sets them."""

    def make(sizes: Sizes) -> nn.Module:
        model = build_model(*sizes)
        for layer in model:
            if isinstance(layer, kind):
                start(layer.weight)
        return model

    return builder(make)


def without_embedding(sizes: Sizes) -> nn.Module:
    """The model with one number 1 for each letter, and zeros."""
    model = build_model(*sizes._replace(embedding=sizes.vocabulary))
    model[0] = Applied(lambda contexts: nn.functional.one_hot(contexts, sizes.vocabulary).float())
    return model


def without_first_tanh(sizes: Sizes) -> nn.Module:
    """The model in which no tanh follows the first BatchNorm."""
    layers = list(build_model(*sizes))
    return nn.Sequential(*layers[:4], *layers[5:])


def every_layer_of_the_first_size(sizes: Sizes) -> nn.Module:
    """The model whose hidden layers all have the first one's number of inputs."""
    fan_in = sizes.block_size * sizes.embedding
    layers = [layer for _ in range(sizes.depth) for layer in hidden_layer(fan_in, sizes.hidden)]
    return nn.Sequential(*build_model(*sizes)[:2], *layers, nn.Linear(sizes.hidden, sizes.vocabulary))


class MadeInForward(nn.Module):
    """A model whose hidden layers are new ones in each call."""

    def __init__(self, sizes: Sizes, *, output: bool = False) -> None:
        super().__init__()
        self.sizes = sizes
        self.table = nn.Embedding(sizes.vocabulary, sizes.embedding)
        self.output = nn.Linear(sizes.hidden, sizes.vocabulary) if output else None

    def forward(self, contexts: Tensor) -> Tensor:
        model = build_model(*self.sizes)
        x = model[1:-1](self.table(contexts))
        return (self.output or model[-1])(x)


JOINED = (
    "All numbers of a context are there, in another order: first the whole vector of the first letter, then that "
    "of the second."
)

MODELS = (
    Mistake(
        "bias-under-batchnorm",
        "Some of these numbers are trained for nothing: which layer subtracts what every example has in common?",
        model_with(lambda fan_in, width: [nn.Linear(fan_in, width), nn.BatchNorm1d(width), nn.Tanh()]),
    ),
    Mistake(
        "output-bias-missing",
        "A bias is useless where a BatchNorm follows: does one follow the last layer?",
        model_with(output=lambda hidden, vocabulary: [bare(hidden, vocabulary)]),
    ),
    Mistake(
        "bias-the-wrong-way-round",
        "The biases stand where they do nothing and are missing where they count: what follows each layer?",
        model_with(
            lambda fan_in, width: [nn.Linear(fan_in, width), nn.BatchNorm1d(width), nn.Tanh()],
            lambda hidden, vocabulary: [bare(hidden, vocabulary)],
        ),
    ),
    Mistake(
        "first-bias-kept",
        "One of the hidden layers is not like the others: a BatchNorm follows the first one too.",
        with_part(2, lambda sizes: nn.Linear(sizes.block_size * sizes.embedding, sizes.hidden)),
    ),
    Mistake(
        "batchnorm-on-the-logits",
        "The chapter's model normalises its logits as well. What does the assignment ask to stand at the end?",
        model_with(output=lambda hidden, vocabulary: [bare(hidden, vocabulary), nn.BatchNorm1d(vocabulary)]),
        model_with(output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary), nn.BatchNorm1d(vocabulary)]),
    ),
    Mistake(
        "no-batchnorm",
        "Nothing normalises what goes into the tanh: which of torch's layers does that?",
        model_with(lambda fan_in, width: [bare(fan_in, width), nn.Tanh()]),
        model_with(lambda fan_in, width: [nn.Linear(fan_in, width), nn.Tanh()]),
    ),
    Mistake(
        "batchnorm-after-tanh",
        "The tanh sees what no BatchNorm has seen yet: in which order do the three stand?",
        model_with(lambda fan_in, width: [bare(fan_in, width), nn.Tanh(), nn.BatchNorm1d(width)]),
        model_with(lambda fan_in, width: [nn.Linear(fan_in, width), nn.Tanh(), nn.BatchNorm1d(width)]),
    ),
    Mistake(
        "batchnorm-before-linear",
        "What goes into a layer is normalised here, and not what comes out of it: in which order do the three stand?",
        model_with(lambda fan_in, width: [nn.BatchNorm1d(fan_in), bare(fan_in, width), nn.Tanh()]),
    ),
    Mistake(
        "no-tanh",
        "Without something curved between them, several linear layers are only one: what stands after each BatchNorm?",
        model_with(lambda fan_in, width: [bare(fan_in, width), nn.BatchNorm1d(width)]),
    ),
    Mistake(
        "relu-for-tanh",
        "The hidden layers end in a ReLU: which activation does the assignment ask for?",
        model_with(lambda fan_in, width: [bare(fan_in, width), nn.BatchNorm1d(width), nn.ReLU()]),
    ),
    Mistake(
        "sigmoid-for-tanh",
        "The hidden layers end in a sigmoid: which activation does the assignment ask for?",
        model_with(lambda fan_in, width: [bare(fan_in, width), nn.BatchNorm1d(width), nn.Sigmoid()]),
    ),
    Mistake(
        "tanh-on-the-logits",
        "Logits may be any number. Yours stay between −1 and 1, so that no letter can be made much likelier.",
        model_with(output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary), nn.Tanh()]),
    ),
    Mistake(
        "probabilities-for-logits",
        "These are probabilities or their logarithms. The loss takes the softmax itself: what does it want to be "
        "given?",
        model_with(output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary), nn.Softmax(dim=-1)]),
        model_with(output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary), nn.LogSoftmax(dim=-1)]),
    ),
    Mistake(
        "softmax-over-the-batch",
        "A softmax over the examples makes them share one probability; and the loss takes the softmax itself.",
        model_with(output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary), nn.Softmax(dim=0)]),
    ),
    Mistake(
        "one-hidden-layer-fewer",
        "`depth` counts the hidden layers; the output layer comes on top.",
        with_depth(lambda depth: max(depth - 1, 0)),
    ),
    Mistake(
        "one-hidden-layer-more",
        "`depth` counts the hidden layers, the first one included: how many does the loop add to it?",
        with_depth(lambda depth: depth + 1),
    ),
    Mistake(
        "at-least-two-hidden-layers",
        "How many hidden layers are there at a depth of 1? Count those that stand outside of the loop.",
        with_depth(lambda depth: max(depth, 2)),
    ),
    Mistake(
        "depth-ignored",
        "`depth` is an argument, and the number of hidden layers does not follow it.",
        with_depth(lambda depth: 1),
        with_depth(lambda depth: 5),
    ),
    Mistake(
        "sizes-of-the-chapter",
        "The sizes are arguments, and these are the chapter's, whatever is given.",
        builder(lambda sizes: build_model(27, 3, 10, 100, 5)),
    ),
    Mistake(
        "one-layer-several-times",
        "`[layer] * depth` is the same layer over and over, with the same weights: each needs a layer of its own.",
        builder(lambda sizes: Reused(sizes, only_norm=False)),
    ),
    Mistake(
        "one-batchnorm-for-all",
        "One BatchNorm serves all hidden layers: whose mean and variance does it remember?",
        builder(lambda sizes: Reused(sizes, only_norm=True)),
    ),
    Mistake(
        "layers-in-a-plain-list",
        "`parameters()`, `train()` and `eval()` do not see layers in a Python list: what does torch have for lists of "
        "layers?",
        builder(lambda sizes: Hidden(build_model(*sizes), table=True)),
        builder(lambda sizes: Hidden(build_model(*sizes), table=False)),
    ),
    Mistake(
        "context-summed",
        'The contexts "abc" and "cba" look the same to this model: their vectors are to stand one after the other.',
        with_contexts(lambda x: x.sum(1), summed=True),
        with_contexts(lambda x: x.mean(1), summed=True),
    ),
    Mistake(
        "only-last-letter",
        "Only one letter of the context counts: the vectors of all of them are to stand one after the other.",
        with_contexts(lambda x: x[:, -1], summed=True),
    ),
    Mistake("flattened-the-other-way", JOINED, with_contexts(lambda x: x.transpose(1, 2).flatten(1))),
    Mistake("contexts-reversed", JOINED, with_contexts(lambda x: x.flip(1).flatten(1))),
    Mistake(
        "examples-mixed",
        "The rows of the result mix letters of different examples: along which dimension are the vectors joined?",
        with_contexts(lambda x: x.transpose(0, 1).reshape(len(x), -1)),
    ),
    Mistake(
        "batchnorm-not-affine",
        "The BatchNorms have nothing to learn: without gamma and beta every layer stays at mean 0 and variance 1.",
        model_with(lambda fan_in, width: [bare(fan_in, width), nn.BatchNorm1d(width, affine=False), nn.Tanh()]),
    ),
    Mistake(
        "batchnorm-without-memory",
        "Without running statistics an answer in evaluation depends on which other names are asked with it.",
        model_with(
            lambda fan_in, width: [bare(fan_in, width), nn.BatchNorm1d(width, track_running_stats=False), nn.Tanh()]
        ),
    ),
    Mistake(
        "momentum-changed",
        "The BatchNorms' momentum is not torch's own: leave it as it comes.",
        *(with_norms(momentum=momentum) for momentum in (0.001, 0.01, 0.9, 0.99)),
    ),
    Mistake(
        "layernorm-for-batchnorm",
        "These normalise each example over its features: BatchNorm normalises each feature over the examples.",
        model_with(lambda fan_in, width: [bare(fan_in, width), nn.LayerNorm(width), nn.Tanh()]),
    ),
    Mistake(
        "embedding-frozen",
        "Something is not trained that should be: the vectors of the letters are learned like every other weight.",
        builder(lambda sizes: frozen(build_model(*sizes))),
    ),
    Mistake(
        "dropout-added",
        "The same contexts give other logits each time in training: something random stands in the model that the "
        "assignment does not ask for.",
        model_with(lambda fan_in, width: [*hidden_layer(fan_in, width), nn.Dropout(0.5)]),
    ),
    Mistake("equal-weights", None, started_with(nn.init.zeros_, nn.Linear)),
    Mistake(
        "letters-all-alike",
        "Every letter starts with the same vector, so the model cannot tell one from another: how are the numbers of "
        "`nn.Embedding` drawn?",
        started_with(nn.init.zeros_, nn.Embedding),
    ),
    Mistake(
        "one-letter-more",
        "How many rows has the table of the embedding, and how many letters are there?",
        with_part(0, lambda sizes: nn.Embedding(sizes.vocabulary + 1, sizes.embedding)),
    ),
    Mistake(
        "arguments-mixed-up",
        "The sizes have changed places: in which order does the assignment name the arguments?",
        builder(lambda sizes: build_model(*sizes[:3], sizes.depth, sizes.hidden)),
    ),
    Mistake(
        "eps-changed",
        "The BatchNorms' eps is not torch's own: leave it as it comes.",
        *(with_norms(eps=eps) for eps in (1e-3, 1e-4, 1e-6, 0.1)),
    ),
    Mistake(
        "relu-on-the-logits",
        "Logits may be any number. Yours are never negative: what stands after the last layer?",
        model_with(output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary), nn.ReLU()]),
    ),
    Mistake(
        "squeezed",
        "What if there is one context only? `squeeze()` takes away its dimension too.",
        builder(lambda sizes: nn.Sequential(build_model(*sizes), Applied(torch.squeeze))),
    ),
    Mistake(
        "layers-not-joined",
        "What comes back is no `nn.Module`: have the layers been joined into one, and is it the model that comes "
        "back, and not its class?",
        builder(lambda sizes: list(build_model(*sizes))),
    ),
    Mistake(
        "list-handed-to-sequential",
        "`nn.Sequential` takes layers, one by one, and was given a list of them: how does Python unpack a list?",
        builder(lambda sizes: nn.Sequential(list(build_model(*sizes)))),  # the mistake
    ),
    Mistake(
        "no-embedding",
        "No `nn.Embedding` is in the model: the assignment asks for vectors of the letters that are learned.",
        builder(without_embedding),
    ),
    Mistake(
        "last-tanh-missing",
        "All hidden layers but one end in a tanh: does the loop leave out the last one, or the first?",
        builder(lambda sizes: nn.Sequential(*list(build_model(*sizes))[:-2], build_model(*sizes)[-1])),
        builder(without_first_tanh),
    ),
    Mistake(
        "layers-made-in-forward",
        "The layers are made again in each call, with new random weights, so that nothing is learned: where are they "
        "made once?",
        builder(MadeInForward),
        builder(lambda sizes: MadeInForward(sizes, output=True)),
    ),
    Mistake(
        "embedding-sizes-exchanged",
        "`nn.Embedding` takes two numbers, how many vectors and how long each is: in which order?",
        with_part(0, lambda sizes: nn.Embedding(sizes.embedding, sizes.vocabulary)),
    ),
    Mistake(
        "second-hidden-layer-does-not-fit",
        "The first hidden layer fits, and the one behind it does not: how many numbers come into each?",
        builder(every_layer_of_the_first_size),
    ),
    Mistake(
        "vectors-not-joined",
        "The embedding gives (N, block_size, embedding), and all three dimensions go into the first `nn.Linear`: what "
        "has to become of the last two?",
        *(with_contexts(lambda x: x, summed=summed) for summed in (True, False)),
    ),
)

torch_model = Check(
    tasks.torch_model,
    right=build_model,
    wrong=MODELS,
    # What the course's own BatchNorm calls, and torch's does not: torch's parts are what is to be used here.
    forbidden=("char_mlp", "deep_mlp", "BatchNorm.check_input", "values_per_channel", "update_running_stats"),
)


class PlainLinear:
    """The listing's Linear without its mistakes."""

    def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
        self.weight = (torch.randn(fan_in, fan_out) / fan_in**0.5).requires_grad_()
        self.bias = torch.zeros(fan_out, requires_grad=True) if bias else None

    def __call__(self, x: Tensor) -> Tensor:
        return x @ self.weight if self.bias is None else x @ self.weight + self.bias

    def parameters(self) -> list[Any]:
        """Whatever is trained."""
        return [self.weight] if self.bias is None else [self.weight, self.bias]


class PlainTanh:
    """The listing's Tanh without its mistake."""

    def __call__(self, x: Tensor) -> Tensor:
        return torch.tanh(x)

    def parameters(self) -> list[Any]:
        """Nothing is trained."""
        return []


class Mended:
    """All three without a mistake."""

    Linear = PlainLinear
    BatchNorm1d = PlainBatchNorm
    Tanh = PlainTanh


class MendedApart(Mended):
    """The same, with statistics that are computed for themselves where they are stored."""

    class BatchNorm1d(StoredApart, PlainBatchNorm):
        pass


class MendedByFormula(Mended):
    """The same, with tanh from the sigmoid of twice x."""

    class Tanh(PlainTanh):
        def __call__(self, x: Tensor) -> Tensor:
            return 2 * torch.sigmoid(2 * x) - 1


class MisspeltArgument(Mended):
    """The layer cannot be made in the way in which torch's is: read the names in the signature letter by letter."""

    class Linear(PlainLinear):
        def __init__(self, fan_in: int, fan_out: int, bais: bool = True) -> None:
            super().__init__(fan_in, fan_out, bais)


class NoneAmongParameters(Mended):
    """An optimiser takes tensors only: what does `parameters()` list if there is no bias?"""

    class Linear(PlainLinear):
        def parameters(self) -> list[Any]:
            return [self.weight, self.bias]


class BiasNotListed(Mended):
    """The bias stays 0 for ever: what does `parameters()` list?"""

    class Linear(PlainLinear):
        def parameters(self) -> list[Any]:
            return [self.weight]


class BiasNeverLeftOut(Mended):
    """There is a bias in `Linear(…, bias=False)` too: who reads the argument?"""

    class Linear(PlainLinear):
        def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
            super().__init__(fan_in, fan_out)


class BiasNotAdded(Mended):
    class Linear(PlainLinear):
        def __call__(self, x: Tensor) -> Tensor:
            return x @ self.weight + 0 * (0 if self.bias is None else self.bias)


class NoBiasByDefault(Mended):
    """Without an argument there is to be a bias: what is its default?"""

    class Linear(PlainLinear):
        def __init__(self, fan_in: int, fan_out: int, bias: bool = False) -> None:
            super().__init__(fan_in, fan_out, bias)


class WeightTransposed(Mended):
    """The weight lies the other way round than in the listing: its shape is (fan_in, fan_out)."""

    class Linear(PlainLinear):
        def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
            super().__init__(fan_in, fan_out, bias)
            self.weight = (torch.randn(fan_out, fan_in) / fan_in**0.5).requires_grad_()

        def __call__(self, x: Tensor) -> Tensor:
            return x @ self.weight.T if self.bias is None else x @ self.weight.T + self.bias


class LinearNotTrainable(Mended):
    """An optimiser changes what has a gradient: do the tensors that `Linear` lists require one?"""

    class Linear(PlainLinear):
        def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
            super().__init__(fan_in, fan_out, bias)
            for parameter in self.parameters():
                parameter.requires_grad_(False)


class WeightIsNoLeaf(Mended):
    """The weight that `Linear` keeps was computed from a tensor that requires a gradient, and the gradient arrives at
    that tensor: which of the two is a leaf?
    """

    class Linear(PlainLinear):
        def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
            super().__init__(fan_in, fan_out, bias)
            self.weight = torch.randn(fan_in, fan_out, requires_grad=True) / fan_in**0.5


class WeightWithoutGradient(Mended):
    """The weight that `Linear` lists requires no gradient: an optimiser changes only what has one."""

    class Linear(PlainLinear):
        def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
            super().__init__(fan_in, fan_out, bias)
            self.weight.requires_grad_(False)


class WeightsOfAnotherSize(Mended):
    """The weights are drawn with another standard deviation than in the listing, where it is 1/√fan_in."""

    class Linear(PlainLinear):
        def __init__(self, fan_in: int, fan_out: int, bias: bool = True) -> None:
            super().__init__(fan_in, fan_out, bias)
            self.weight = (5 / 3 * self.weight.detach()).requires_grad_()


class BesselUpsideDown(Mended):
    """The stored variance is smaller than the biased one: an unbiased estimate divides by less, and so is larger."""

    class BatchNorm1d(PlainBatchNorm):
        def stored(self, var: Tensor, n: int) -> Tensor:
            return var * (n - 1) / n


class OneStatisticKeepsDimension(Mended):
    """One of the two running statistics has a dimension too many: each is to have the shape (dim,)."""

    class BatchNorm1d(PlainBatchNorm):
        @torch.no_grad()
        def update(self, mean: Tensor, var: Tensor, n: int) -> None:
            super().update(mean, var, n)
            self.running_mean = self.running_mean.reshape(1, -1)


class VarianceKeepsDimension(Mended):
    class BatchNorm1d(PlainBatchNorm):
        @torch.no_grad()
        def update(self, mean: Tensor, var: Tensor, n: int) -> None:
            super().update(mean, var, n)
            self.running_var = self.running_var.reshape(1, -1)


class TanhReturnsNothing(Mended):
    """The Tanh returns None, and the next layer is given it: is there a `return`?"""

    class Tanh(PlainTanh):
        def __call__(self, x: Tensor) -> None:  # the mistake
            torch.tanh(x)


class NoGradWithoutParentheses(Mended):
    """The line with `with` fails: it needs an object that can be entered, and was given a class."""

    class BatchNorm1d(PlainBatchNorm):
        def update(self, mean: Tensor, var: Tensor, n: int) -> None:
            with torch.no_grad:
                super().update(mean, var, n)


class NoParameters(Mended):
    class BatchNorm1d(PlainBatchNorm):
        parameters = property()


class NothingListed(Mended):
    """The BatchNorm answers that it has nothing to train. Who trains gamma and beta?"""

    class BatchNorm1d(PlainBatchNorm):
        def parameters(self) -> list[Any]:
            return []


class NothingListedAndNoGradient(Mended):
    """The BatchNorm answers that it has nothing to train. Who trains gamma and beta?"""

    class BatchNorm1d(PlainBatchNorm):
        def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
            super().__init__(dim, eps, momentum)
            self.gamma.requires_grad_(False)
            self.beta.requires_grad_(False)

        def parameters(self) -> list[Any]:
            return []


class GammaAndBetaNotTrainable(Mended):
    """The layer lists gamma and beta, and an optimiser changes what has a gradient: do they require one?"""

    class BatchNorm1d(PlainBatchNorm):
        def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
            super().__init__(dim, eps, momentum)
            self.gamma.requires_grad_(False)
            self.beta.requires_grad_(False)


class OnlyGammaListed(Mended):
    """One of the two things that the BatchNorm learns is not listed."""

    class BatchNorm1d(PlainBatchNorm):
        def parameters(self) -> list[Any]:
            return [self.gamma]


class RunningStatisticsListed(Mended):
    """The running statistics are remembered, not trained: an optimiser should not get to see them."""

    class BatchNorm1d(PlainBatchNorm):
        def parameters(self) -> list[Any]:
            return [self.gamma, self.beta, self.running_mean, self.running_var]


class VariancesSwapped(Mended):
    """Both divisors are there, each in the place of the other: which variance makes the outputs' variance exactly 1,
    and which one estimates that of all data?
    """

    class BatchNorm1d(PlainBatchNorm):
        def var(self, x: Tensor) -> Tensor:
            return x.var(self.dims, keepdim=True)

        def stored(self, var: Tensor, n: int) -> Tensor:
            return var * (n - 1) / n


class MomentumIgnored(Mended):
    class BatchNorm1d(PlainBatchNorm):
        def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
            super().__init__(dim, eps)


class ResultNotKept(Mended):
    """The Tanh returns an attribute: where was it set?"""

    class Tanh(PlainTanh):
        def __call__(self, x: Tensor) -> Tensor:
            return self.never_set  # type: ignore[attr-defined]  # the mistake


class StaleResult(Mended):
    """The Tanh returns what was computed for an earlier input, or no input at all."""

    class Tanh(PlainTanh):
        out: Tensor | None = None

        def __call__(self, x: Tensor) -> Tensor:
            if self.out is None:
                self.out = torch.tanh(x)
            return self.out


class TanhNotApplied(Mended):
    """What comes out of the Tanh is what went in."""

    class Tanh(PlainTanh):
        def __call__(self, x: Tensor) -> Tensor:
            return x


class TanhOutsideTheGraph(Mended):
    """No gradient comes back through the Tanh: does it return what torch computed, or a copy outside of its graph?"""

    class Tanh(PlainTanh):
        def __call__(self, x: Tensor) -> Tensor:
            return torch.tanh(x).detach()


class TanhWithoutParameters(Mended):
    """A loop over all layers asks each for its parameters, the Tanh too."""

    class Tanh(PlainTanh):
        parameters = property()


PARAMETERS_WITHOUT_GRADIENT = Mistake(
    "parameters-without-gradient",
    None,
    *(type(linear.__name__, (Mended,), {"Linear": linear}) for linear in linear_without_gradient(PlainLinear).ways),
    *(
        type(batchnorm.__name__, (Mended,), {"BatchNorm1d": batchnorm})
        for batchnorm in parameters_without_gradient(PlainBatchNorm).ways
    ),
)


def mended_but(batchnorm: type) -> type:
    """A mistake of assignment 06, in this check's BatchNorm."""
    return type(batchnorm.__name__, (Mended,), {"BatchNorm1d": batchnorm, "__doc__": batchnorm.__doc__})


bug_hunt = Check(
    tasks.bug_hunt,
    right=Mended,
    forms=(MendedApart, MendedByFormula),
    wrong=(
        MisspeltArgument,
        NoneAmongParameters,
        BiasNotListed,
        BiasNeverLeftOut,
        BiasNotAdded,
        NoBiasByDefault,
        WeightTransposed,
        LinearNotTrainable,
        WeightIsNoLeaf,
        WeightWithoutGradient,
        WeightsOfAnotherSize,
        BesselUpsideDown,
        written(OneStatisticKeepsDimension, VarianceKeepsDimension),
        TanhReturnsNothing,
        NoGradWithoutParentheses,
        NoParameters,
        NothingListed,
        NothingListedAndNoGradient,
        PARAMETERS_WITHOUT_GRADIENT,
        GammaAndBetaNotTrainable,
        OnlyGammaListed,
        RunningStatisticsListed,
        VariancesSwapped,
        MomentumIgnored,
        ResultNotKept,
        StaleResult,
        TanhNotApplied,
        TanhOutsideTheGraph,
        TanhWithoutParameters,
        *map(
            mended_but,
            (
                whole.StatisticsWithoutGradient,
                whole.UnbiasedNormaliser,
                whole.BiasedRunningVariance,
                whole.KeptDimension,
                whole.RunningKeepsGraph,
                whole.MomentumReversed,
                whole.EvalUsesBatch,
                whole.ModeFromGradMode,
                whole.UpdatesInEvaluation,
                whole.TrainingUsesRunning,
                whole.NoUpdate,
                whole.RunningSum,
                whole.RunningReplaced,
                whole.EpsMissing,
                whole.EpsOutsideRoot,
                whole.EpsIgnored,
                whole.DividesByVariance,
                whole.StatisticsOverFeatures,
                whole.GammaMissing,
                whole.BetaMissing,
            ),
        ),
    ),
    # The layers of torch and of the course, and the functions behind them; torch.tanh is what the listing uses.
    forbidden=(
        "batch_norm",
        "linear.linear",
        "linear.__init__",
        "linear.forward",
        "activation.tanh",
        "activations.tanh",
        "tanh.forward",
    ),
)


# Plug it in


class Parts(Mended):
    """The model, and the listing without its mistakes."""

    build_model = staticmethod(build_model)


EVALUATION = """In evaluation the trained network predicts otherwise: `checks.torch_model` and `checks.bug_hunt` look
closer."""

trained_torch_model = Check(
    tasks.trained_torch_model,
    right=Parts,
    outcomes={
        tasks.FIRST: (
            "first-loss-off",
            "Training begins at other losses: what does the output layer give before the first step?",
        ),
        PROMISED: LAYER_OUTCOMES[PROMISED],
        tasks.MOVED: (
            "not-all-trained",
            "Something has moved by another distance: does `parameters()` list what each of the three layers learns?",
        ),
        tasks.IN_EVALUATION: ("loss-in-evaluation-off", EVALUATION),
        tasks.ONE_BY_ONE: ("loss-in-evaluation-off", EVALUATION),
    },
)
