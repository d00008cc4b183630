"""Answers of assignment 10: a model from torch's parts, and three layers to fix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from bncourse.judging.answers import exercise_06_running_statistics as whole
from bncourse.judging.answers.normalisation import LAYER_OUTCOMES, PlainBatchNorm
from bncourse.judging.check import Check
from bncourse.observing.tasks import exercise_10_torch_nn as tasks
from bncourse.plugged import PROMISED

__all__ = ["bug_hunt", "torch_model", "trained_torch_model"]


def also(first: Callable) -> Callable[[Callable], Callable]:
    """Another way to make the same mistake, under the same name and with the same hint."""

    def named_alike(other: Callable) -> Callable:
        other.__name__, other.__doc__ = first.__name__, first.__doc__
        return other

    return named_alike


def hidden_layer(fan_in: int, hidden: int) -> list[nn.Module]:
    """As it should be: no bias, since the mean that BatchNorm subtracts would contain it."""
    return [nn.Linear(fan_in, hidden, bias=False), nn.BatchNorm1d(hidden), nn.Tanh()]


def output_layer(hidden: int, vocabulary: int) -> list[nn.Module]:
    """As it should be: nothing follows, so the bias counts."""
    return [nn.Linear(hidden, vocabulary)]


def built(
    vocabulary: int,
    block_size: int,
    embedding: int,
    hidden: int,
    depth: int,
    *,
    layer: Callable[[int, int], list[nn.Module]] = hidden_layer,
    output: Callable[[int, int], list[nn.Module]] = output_layer,
) -> nn.Module:
    """A model with these hidden and output layers."""
    parts: list[nn.Module] = [nn.Embedding(vocabulary, embedding), nn.Flatten()]
    fan_in = block_size * embedding
    for _ in range(depth):
        parts += layer(fan_in, hidden)
        fan_in = hidden
    return nn.Sequential(*parts, *output(fan_in, vocabulary))


def build_model(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """The model as the assignment asks for it."""
    return built(vocabulary, block_size, embedding, hidden, depth)


def bias_under_batchnorm(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """Some of these numbers are trained for nothing: which layer subtracts what every example has in common?"""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [nn.Linear(fan_in, width), nn.BatchNorm1d(width), nn.Tanh()],
    )  # fmt: skip


def output_bias_missing(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """A bias is useless where a BatchNorm follows: does one follow the last layer?"""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary, bias=False)],
    )  # fmt: skip


def bias_the_wrong_way_round(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """The biases stand where they do nothing and are missing where they count: what follows each layer?"""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [nn.Linear(fan_in, width), nn.BatchNorm1d(width), nn.Tanh()],
        output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary, bias=False)],
    )  # fmt: skip


def first_bias_kept(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """One of the hidden layers is not like the others: a BatchNorm follows the first one too."""
    model = build_model(vocabulary, block_size, embedding, hidden, depth)
    model[2] = nn.Linear(block_size * embedding, hidden)
    return model


def batchnorm_on_the_logits(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """The chapter's model normalises its logits as well. What does the assignment ask to stand at the end?"""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary, bias=False), nn.BatchNorm1d(vocabulary)],
    )  # fmt: skip


@also(batchnorm_on_the_logits)
def batchnorm_on_the_logits_and_bias(
    vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int
) -> nn.Module:
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary), nn.BatchNorm1d(vocabulary)],
    )  # fmt: skip


def no_batchnorm(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """Nothing normalises what goes into the tanh: which of torch's layers does that?"""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [nn.Linear(fan_in, width, bias=False), nn.Tanh()],
    )  # fmt: skip


@also(no_batchnorm)
def no_batchnorm_but_biases(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [nn.Linear(fan_in, width), nn.Tanh()],
    )  # fmt: skip


def batchnorm_after_tanh(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """The tanh sees what no BatchNorm has seen yet: in which order do the three stand?"""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [nn.Linear(fan_in, width, bias=False), nn.Tanh(), nn.BatchNorm1d(width)],
    )  # fmt: skip


@also(batchnorm_after_tanh)
def batchnorm_after_tanh_and_bias(
    vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int
) -> nn.Module:
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [nn.Linear(fan_in, width), nn.Tanh(), nn.BatchNorm1d(width)],
    )  # fmt: skip


def batchnorm_before_linear(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """What goes into a layer is normalised here, and not what comes out of it: in which order do the three stand?"""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [nn.BatchNorm1d(fan_in), nn.Linear(fan_in, width, bias=False), nn.Tanh()],
    )  # fmt: skip


def no_tanh(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """Without something curved between them, several linear layers are only one: what stands after each BatchNorm?"""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [nn.Linear(fan_in, width, bias=False), nn.BatchNorm1d(width)],
    )  # fmt: skip


def relu_for_tanh(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """The hidden layers end in a ReLU: which activation does the assignment ask for?"""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [nn.Linear(fan_in, width, bias=False), nn.BatchNorm1d(width), nn.ReLU()],
    )  # fmt: skip


def sigmoid_for_tanh(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """The hidden layers end in a sigmoid: which activation does the assignment ask for?"""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [nn.Linear(fan_in, width, bias=False), nn.BatchNorm1d(width), nn.Sigmoid()],
    )  # fmt: skip


def tanh_on_the_logits(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """Logits may be any number. Yours stay between −1 and 1, so that no letter can be made much likelier."""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary), nn.Tanh()],
    )  # fmt: skip


def probabilities_for_logits(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """These are probabilities or their logarithms. The loss takes the softmax itself: what does it want to be given?"""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary), nn.Softmax(dim=-1)],
    )  # fmt: skip


@also(probabilities_for_logits)
def log_probabilities_for_logits(
    vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int
) -> nn.Module:
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary), nn.LogSoftmax(dim=-1)],
    )  # fmt: skip


def softmax_over_the_batch(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """A softmax over the examples makes them share one probability; and the loss takes the softmax itself."""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary), nn.Softmax(dim=0)],
    )  # fmt: skip


def one_hidden_layer_fewer(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """`depth` counts the hidden layers; the output layer comes on top."""
    return built(vocabulary, block_size, embedding, hidden, max(depth - 1, 0))


def one_hidden_layer_more(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """`depth` counts the hidden layers, the first one included: how many does the loop add to it?"""
    return built(vocabulary, block_size, embedding, hidden, depth + 1)


def at_least_two_hidden_layers(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """How many hidden layers are there at a depth of 1? Count those that stand outside of the loop."""
    return built(vocabulary, block_size, embedding, hidden, max(depth, 2))


def depth_ignored(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """`depth` is an argument, and the number of hidden layers does not follow it."""
    return built(vocabulary, block_size, embedding, hidden, 1)


@also(depth_ignored)
def depth_is_always_five(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    return built(vocabulary, block_size, embedding, hidden, 5)


def sizes_of_the_chapter(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """The sizes are arguments, and these are the chapter's, whatever is given."""
    return built(27, 3, 10, 100, 5)


class Reused(nn.Module):
    """One hidden layer, used again and again."""

    def __init__(self, sizes: tuple[int, int, int, int, int], *, only_norm: bool) -> None:
        super().__init__()
        vocabulary, block_size, embedding, hidden, self.depth = sizes
        self.table = nn.Embedding(vocabulary, embedding)
        self.first = nn.Linear(block_size * embedding, hidden, bias=False)
        number = self.depth - 1 if only_norm else min(self.depth - 1, 1)
        self.linears = nn.ModuleList(nn.Linear(hidden, hidden, bias=False) for _ in range(number))
        self.norms = nn.ModuleList(nn.BatchNorm1d(hidden) for _ in range(1 if only_norm else min(self.depth, 2)))
        self.output = nn.Linear(hidden, vocabulary)

    def forward(self, contexts: Tensor) -> Tensor:
        x = self.first(self.table(contexts).flatten(1))
        for k in range(self.depth):
            x = x if k == 0 else self.linears[min(k, len(self.linears)) - 1](x)
            x = torch.tanh(self.norms[min(k, len(self.norms) - 1)](x))
        return self.output(x)


def one_layer_several_times(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """`[layer] * depth` is the same layer over and over, with the same weights: each needs a layer of its own."""
    return Reused((vocabulary, block_size, embedding, hidden, depth), only_norm=False)


def one_batchnorm_for_all(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """One BatchNorm serves all hidden layers: whose mean and variance does it remember?"""
    return Reused((vocabulary, block_size, embedding, hidden, depth), only_norm=True)


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


def layers_in_a_plain_list(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """`parameters()`, `train()` and `eval()` do not see layers in a Python list: what does torch have for lists of
    layers?
    """
    return Hidden(build_model(vocabulary, block_size, embedding, hidden, depth), table=True)


@also(layers_in_a_plain_list)
def all_layers_in_a_plain_list(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    return Hidden(build_model(vocabulary, block_size, embedding, hidden, depth), table=False)


class Contexts(nn.Module):
    """What becomes of the vectors of a context, (N, block_size, embedding)."""

    def __init__(self, how: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.how = how

    def forward(self, x: Tensor) -> Tensor:
        return self.how(x)


def with_contexts(how: Callable[[Tensor], Tensor], *sizes: int, summed: bool = False) -> nn.Module:
    """The model with something else in place of Flatten."""
    vocabulary, block_size, embedding, hidden, depth = sizes
    model = built(vocabulary, 1 if summed else block_size, embedding, hidden, depth)
    model[1] = Contexts(how)
    return model


def context_summed(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """The contexts "abc" and "cba" look the same to this model: their vectors are to stand one after the other."""
    return with_contexts(lambda x: x.sum(1), vocabulary, block_size, embedding, hidden, depth, summed=True)


@also(context_summed)
def context_averaged(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    return with_contexts(lambda x: x.mean(1), vocabulary, block_size, embedding, hidden, depth, summed=True)


def only_last_letter(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """Only one letter of the context counts: the vectors of all of them are to stand one after the other."""
    return with_contexts(lambda x: x[:, -1], vocabulary, block_size, embedding, hidden, depth, summed=True)


def flattened_the_other_way(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """All numbers of a context are there, in another order: first the whole vector of the first letter, then that of
    the second.
    """
    return with_contexts(lambda x: x.transpose(1, 2).flatten(1), vocabulary, block_size, embedding, hidden, depth)


def contexts_reversed(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """All numbers of a context are there, in another order: first the whole vector of the first letter, then that of
    the second.
    """
    return with_contexts(lambda x: x.flip(1).flatten(1), vocabulary, block_size, embedding, hidden, depth)


def examples_mixed(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """The rows of the result mix letters of different examples: along which dimension are the vectors joined?"""
    return with_contexts(
        lambda x: x.transpose(0, 1).reshape(len(x), -1), vocabulary, block_size, embedding, hidden, depth
    )


def batchnorm_not_affine(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """The BatchNorms have nothing to learn: without gamma and beta every layer stays at mean 0 and variance 1."""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [
            nn.Linear(fan_in, width, bias=False), nn.BatchNorm1d(width, affine=False), nn.Tanh()
        ],
    )  # fmt: skip


def batchnorm_without_memory(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """Without running statistics an answer in evaluation depends on which other names are asked with it."""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [
            nn.Linear(fan_in, width, bias=False), nn.BatchNorm1d(width, track_running_stats=False), nn.Tanh()
        ],
    )  # fmt: skip


def momentum_changed(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """The BatchNorms' momentum is not torch's own: leave it as it comes."""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [
            nn.Linear(fan_in, width, bias=False), nn.BatchNorm1d(width, momentum=0.001), nn.Tanh()
        ],
    )  # fmt: skip


def layernorm_for_batchnorm(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """These normalise each example over its features: BatchNorm normalises each feature over the examples."""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [nn.Linear(fan_in, width, bias=False), nn.LayerNorm(width), nn.Tanh()],
    )  # fmt: skip


def embedding_frozen(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """Something is not trained that should be: the vectors of the letters are learned like every other weight."""
    model = build_model(vocabulary, block_size, embedding, hidden, depth)
    model[0].weight.requires_grad_(False)
    return model


def one_letter_more(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """How many rows has the table of the embedding, and how many letters are there?"""
    model = build_model(vocabulary, block_size, embedding, hidden, depth)
    model[0] = nn.Embedding(vocabulary + 1, embedding)
    return model


def arguments_mixed_up(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """The sizes have changed places: in which order does the assignment name the arguments?"""
    return build_model(vocabulary, block_size, embedding, depth, hidden)


def eps_changed(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """The BatchNorms' eps is not torch's own: leave it as it comes."""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [
            nn.Linear(fan_in, width, bias=False), nn.BatchNorm1d(width, eps=0.1), nn.Tanh()
        ],
    )  # fmt: skip


def relu_on_the_logits(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """Logits may be any number. Yours are never negative: what stands after the last layer?"""
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        output=lambda hidden, vocabulary: [nn.Linear(hidden, vocabulary), nn.ReLU()],
    )  # fmt: skip


def dropout_added(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """The same contexts give other logits each time in training: something random stands in the model that the
    assignment does not ask for.
    """
    return built(
        vocabulary, block_size, embedding, hidden, depth,
        layer=lambda fan_in, width: [*hidden_layer(fan_in, width), nn.Dropout(0.5)],
    )  # fmt: skip


class Squeezed(nn.Module):
    """A model that takes dimensions of size 1 away."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, contexts: Tensor) -> Tensor:
        return self.model(contexts).squeeze()


def squeezed(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> nn.Module:
    """What if there is one context only? `squeeze()` takes away its dimension too."""
    return Squeezed(build_model(vocabulary, block_size, embedding, hidden, depth))


def layers_not_joined(vocabulary: int, block_size: int, embedding: int, hidden: int, depth: int) -> Any:
    """This is a list of layers, and no model yet: which of torch's classes runs one after the other?"""
    return list(build_model(vocabulary, block_size, embedding, hidden, depth))


torch_model = Check(
    tasks.torch_model,
    right=build_model,
    wrong=(
        bias_under_batchnorm,
        output_bias_missing,
        bias_the_wrong_way_round,
        first_bias_kept,
        batchnorm_on_the_logits,
        batchnorm_on_the_logits_and_bias,
        no_batchnorm,
        no_batchnorm_but_biases,
        batchnorm_after_tanh,
        batchnorm_after_tanh_and_bias,
        batchnorm_before_linear,
        no_tanh,
        relu_for_tanh,
        sigmoid_for_tanh,
        tanh_on_the_logits,
        probabilities_for_logits,
        log_probabilities_for_logits,
        softmax_over_the_batch,
        one_hidden_layer_fewer,
        one_hidden_layer_more,
        at_least_two_hidden_layers,
        depth_ignored,
        depth_is_always_five,
        sizes_of_the_chapter,
        one_layer_several_times,
        one_batchnorm_for_all,
        layers_in_a_plain_list,
        all_layers_in_a_plain_list,
        context_summed,
        context_averaged,
        only_last_letter,
        flattened_the_other_way,
        contexts_reversed,
        examples_mixed,
        batchnorm_not_affine,
        batchnorm_without_memory,
        momentum_changed,
        layernorm_for_batchnorm,
        embedding_frozen,
        dropout_added,
        one_letter_more,
        arguments_mixed_up,
        eps_changed,
        relu_on_the_logits,
        squeezed,
        layers_not_joined,
    ),
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


def mended_but(batchnorm: type) -> type:
    """A mistake of assignment 06, in this check's BatchNorm."""
    return type(batchnorm.__name__, (Mended,), {"BatchNorm1d": batchnorm, "__doc__": batchnorm.__doc__})


bug_hunt = Check(
    tasks.bug_hunt,
    right=Mended,
    wrong=(
        MisspeltArgument,
        NoneAmongParameters,
        BiasNotListed,
        BiasNeverLeftOut,
        BiasNotAdded,
        NoBiasByDefault,
        WeightTransposed,
        LinearNotTrainable,
        NoGradWithoutParentheses,
        NoParameters,
        NothingListed,
        NothingListedAndNoGradient,
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
