"""Answers of assignment 12: BatchNorms that stay frozen, and gradients that are accumulated exactly."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm, cross_entropy
from torch.nn.modules.batchnorm import _BatchNorm

from bncourse.judging.check import Check
from bncourse.judging.mistakes import Mistake, written
from bncourse.observing.tasks import exercise_12_batchnorm_at_work as tasks

__all__ = ["accumulate", "freeze_batchnorm"]


# Freezing


def batchnorms(model: nn.Module) -> Iterable[_BatchNorm]:
    """Every BatchNorm of a model, those inside of its blocks included."""
    return (layer for layer in model.modules() if tasks.is_batchnorm(layer))


def back_to_evaluation(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    """Before each forward pass, whatever the mode of the model."""
    layer.eval()


def frozen(model: nn.Module) -> nn.Module:
    """As it should be: in evaluation at every call, and without gradients for gamma and beta."""
    for layer in batchnorms(model):
        layer.requires_grad_(False)
        layer.register_forward_pre_hook(back_to_evaluation)
    return model


def thawed_by_train(model: nn.Module) -> nn.Module:
    """It is frozen until the training loop calls `model.train()`, which every loop does: how does a layer stay in
    evaluation then?
    """
    for layer in batchnorms(model):
        layer.requires_grad_(False)
        layer.eval()
    return model


def only_gradients(model: nn.Module) -> nn.Module:
    """`requires_grad` stops gamma and beta. What moves the running statistics, and what is normalised with in training
    mode?
    """
    for layer in batchnorms(model):
        layer.requires_grad_(False)
    return model


def thawed_and_learning(model: nn.Module) -> nn.Module:
    """`eval()` lasts until the next `model.train()`, and gamma and beta still get gradients."""
    for layer in batchnorms(model):
        layer.eval()
    return model


def gamma_and_beta_learn(model: nn.Module) -> nn.Module:
    """The statistics stay. Gamma and beta are parameters, and an optimiser still moves them."""
    for layer in batchnorms(model):
        layer.register_forward_pre_hook(back_to_evaluation)
    return model


def momentum_of_zero(model: nn.Module) -> nn.Module:
    """The running statistics stay, and so do gamma and beta."""
    for layer in batchnorms(model):
        layer.requires_grad_(False)
        layer.momentum = 0.0
    return model


def momentum_of_zero_and_learning(model: nn.Module) -> nn.Module:
    """The running statistics stay."""
    for layer in batchnorms(model):
        layer.momentum = 0.0
    return model


BATCH_STATISTICS_IN_TRAINING = Mistake(
    "batch-statistics-in-training",
    """The running statistics stay as they are, and in training mode they are not used: with which mean and variance
    does the layer normalise there?""",
    momentum_of_zero,
    momentum_of_zero_and_learning,
)


def frozen_from_the_next_train_on(model: nn.Module) -> nn.Module:
    """The layers are frozen from the next call of `train()` on, and the model may be used before that."""
    for layer in batchnorms(model):
        layer.requires_grad_(False)
        layer.train = lambda mode=True, layer=layer: nn.Module.train(layer, False)
    return model


def stays_in_training(model: nn.Module) -> nn.Module:
    """A layer whose `train()` does nothing stays in the mode in which it is, and here that is training: in which mode
    should it stay?
    """
    for layer in batchnorms(model):
        layer.requires_grad_(False)
        layer.train = lambda mode=True, layer=layer: layer
    return model


def statistics_removed(model: nn.Module) -> nn.Module:
    """Without running statistics a BatchNorm normalises with the batch, in evaluation too: the statistics are what is
    to be kept.
    """
    for layer in batchnorms(model):
        layer.requires_grad_(False)
        layer.track_running_stats = False
        layer.running_mean = layer.running_var = None
    return model


def blocks_forgotten(model: nn.Module) -> nn.Module:
    """The BatchNorms at the top are frozen, and one inside of a block is not: `children()` and a loop over the model
    list only the layers that stand directly in it.
    """
    for layer in model.children():
        if tasks.is_batchnorm(layer):
            frozen(layer)
    return model


def deeper_blocks_forgotten(model: nn.Module) -> nn.Module:
    """A BatchNorm in a block is frozen, and one in a block inside of a block is not: how deep does your search go?"""
    for layer in model.children():
        for inner in (layer, *layer.children()):
            if tasks.is_batchnorm(inner):
                frozen(inner)
    return model


def nothing_frozen(model: nn.Module) -> nn.Module:
    """The model comes back as it was, and no BatchNorm is frozen: does your condition hold for any layer, and does the
    loop get to it before the `return`?
    """
    return model


def hook_returns_the_layer(model: nn.Module) -> nn.Module:
    """If a hook before the forward pass returns something, that takes the place of the layer's input: what does yours
    return?
    """
    for layer in batchnorms(model):
        layer.requires_grad_(False)
        layer.register_forward_pre_hook(lambda layer, inputs: layer.eval())
    return model


def train_takes_no_mode(model: nn.Module) -> nn.Module:
    """`model.train()` calls `train(mode)` of each layer: the function that you put in its place is given the mode, and
    does not take it.
    """
    for layer in batchnorms(model):
        layer.requires_grad_(False)
        layer.eval()
        layer.train = lambda: None
    return model


def eval_in_place_of_train(model: nn.Module) -> nn.Module:
    """The layer's own `eval`, which takes no mode."""
    for layer in batchnorms(model):
        layer.requires_grad_(False)
        layer.eval()
        layer.train = layer.eval
    return model


def only_gamma_frozen(model: nn.Module) -> nn.Module:
    """Gamma or beta still gets a gradient: a BatchNorm has two parameters, and one of them is left out."""
    for layer in batchnorms(model):
        layer.register_forward_pre_hook(back_to_evaluation)
        if layer.affine:
            layer.weight.requires_grad_(False)
    return model


def only_beta_frozen(model: nn.Module) -> nn.Module:
    """The same, the other way round."""
    for layer in batchnorms(model):
        layer.register_forward_pre_hook(back_to_evaluation)
        if layer.affine:
            layer.bias.requires_grad_(False)
    return model


def gamma_and_beta_removed(model: nn.Module) -> nn.Module:
    """Gamma and beta are gone, and what they had learned with them: frozen numbers are still used."""
    for layer in batchnorms(model):
        layer.register_forward_pre_hook(back_to_evaluation)
        layer.weight = layer.bias = None
    return model


def model_does_not_switch(model: nn.Module) -> nn.Module:
    """`train()` of the whole model does nothing any more: the other layers, Dropout for example, are to follow it."""
    for layer in batchnorms(model):
        layer.requires_grad_(False)
        layer.eval()
    model.train = lambda mode=True: model
    return model


def only_dense(model: nn.Module) -> nn.Module:
    """BatchNorm1d is frozen, and its relatives for images are not."""
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm1d):
            frozen(layer)
    return model


def only_images(model: nn.Module) -> nn.Module:
    """BatchNorm2d is frozen, and BatchNorm1d is not."""
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            frozen(layer)
    return model


def other_norms_frozen(model: nn.Module) -> nn.Module:
    """LayerNorm and GroupNorm are frozen as well: they have no running statistics, and are to go on learning."""
    for layer in model.modules():
        if "Norm" in type(layer).__name__:
            layer.requires_grad_(False)
            layer.register_forward_pre_hook(back_to_evaluation)
    return model


def everything_frozen(model: nn.Module) -> nn.Module:
    """No layer of the model learns any more: only the BatchNorms are to be frozen."""
    model.requires_grad_(False)
    for layer in batchnorms(model):
        layer.register_forward_pre_hook(back_to_evaluation)
    return model


def whole_model_in_evaluation(model: nn.Module) -> nn.Module:
    """The whole model is in evaluation mode, and then a Dropout drops nothing: only the BatchNorms are to be."""
    for layer in batchnorms(model):
        layer.requires_grad_(False)
    model.eval()
    model.train = lambda mode=True: model
    return model


def statistics_reset(model: nn.Module) -> nn.Module:
    """The layers are frozen at mean 0 and variance 1: the statistics of the training before are lost."""
    for layer in batchnorms(model):
        layer.reset_running_stats()
    return frozen(model)


def gamma_and_beta_reset(model: nn.Module) -> nn.Module:
    """Gamma and beta are back at 1 and 0: freezing keeps what has been learned."""
    for layer in batchnorms(model):
        layer.reset_parameters()
        layer.running_mean.copy_(layer.running_mean)
    return frozen(model)


def batchnorm_removed(model: nn.Module) -> nn.Module:
    """The BatchNorms are gone: a frozen one still subtracts its mean, divides, scales and shifts."""
    for block in model.modules():
        for name, layer in list(block.named_children()):
            if tasks.is_batchnorm(layer):
                setattr(block, name, nn.Identity())
    return model


def a_copy(model: nn.Module) -> nn.Module:
    """A copy is frozen, and the model that was given is not."""
    return frozen(copy.deepcopy(model))


def affine_off_not_expected(model: nn.Module) -> nn.Module:
    """With affine=False a BatchNorm has no gamma and no beta: `weight` and `bias` are None."""
    for layer in batchnorms(model):
        layer.weight.requires_grad = False
        layer.bias.requires_grad = False
    return frozen(model)


class Line(nn.Module):
    """What a frozen BatchNorm does to each channel: a factor and a shift."""

    def __init__(self, norm: _BatchNorm) -> None:
        super().__init__()
        scale = torch.rsqrt(norm.running_var + norm.eps)
        shift = -norm.running_mean * scale
        if norm.affine:
            scale = scale * norm.weight.detach()
            shift = shift * norm.weight.detach() + norm.bias.detach()
        self.register_buffer("scale", scale)
        self.register_buffer("shift", shift)

    def forward(self, x: Tensor) -> Tensor:
        shape = (1, -1, *[1] * (x.ndim - 2))
        return x * self.scale.view(shape) + self.shift.view(shape)


def frozen_as_lines(model: nn.Module) -> nn.Module:
    """Each BatchNorm is replaced, by recursion."""
    for name, child in model.named_children():
        if tasks.is_batchnorm(child):
            setattr(model, name, Line(child))
        else:
            frozen_as_lines(child)
    return model


def frozen_by_its_function(model: nn.Module) -> nn.Module:
    """Torch's function takes the place of each forward pass."""
    for layer in model.modules():
        if not tasks.is_batchnorm(layer):
            continue

        def forward(x: Tensor, layer: _BatchNorm = layer) -> Tensor:
            mean, var = layer.running_mean, layer.running_var
            return batch_norm(x, mean, var, layer.weight, layer.bias, False, 0.0, layer.eps)

        layer.forward = forward
        if layer.affine:
            layer.weight.requires_grad = layer.bias.requires_grad = False
    return model


freeze_batchnorm = Check(
    tasks.freeze_batchnorm,
    right=frozen,
    forms=(frozen_as_lines, frozen_by_its_function),
    wrong=(
        thawed_by_train,
        only_gradients,
        thawed_and_learning,
        gamma_and_beta_learn,
        BATCH_STATISTICS_IN_TRAINING,
        frozen_from_the_next_train_on,
        stays_in_training,
        statistics_removed,
        blocks_forgotten,
        deeper_blocks_forgotten,
        nothing_frozen,
        hook_returns_the_layer,
        written(train_takes_no_mode, eval_in_place_of_train),
        Mistake("gamma-or-beta-learns", only_gamma_frozen.__doc__, only_gamma_frozen, only_beta_frozen),
        gamma_and_beta_removed,
        model_does_not_switch,
        only_dense,
        only_images,
        other_norms_frozen,
        everything_frozen,
        whole_model_in_evaluation,
        statistics_reset,
        gamma_and_beta_reset,
        batchnorm_removed,
        a_copy,
        affine_off_not_expected,
    ),
)


# Accumulating

Batches = Sequence[tuple[Tensor, Tensor]]


def logits_of(
    model: nn.Sequential, batches: Batches, together: Callable[[nn.Module], bool] = tasks.is_batchnorm
) -> Tensor:
    """The logits of all examples: a BatchNorm gets all of them at once, and every other layer one batch at a time."""
    sizes = [len(x) for x, _ in batches]
    parts = [x for x, _ in batches]
    for layer in model:
        if together(layer):
            parts = layer(torch.cat(parts)).split(sizes)
        else:
            parts = [layer(part) for part in parts]
    return torch.cat(list(parts))


def targets_of(batches: Batches) -> Tensor:
    """The targets of all examples."""
    return torch.cat([y for _, y in batches])


def accumulated(model: nn.Sequential, batches: Batches) -> float:
    """As it should be: the gradient, the statistics and the loss of one large batch."""
    model.zero_grad()
    loss = cross_entropy(logits_of(model, batches), targets_of(batches))
    loss.backward()
    return loss.item()


def each_by_itself(
    weight: Callable[[int, int, int], float], *, zeroed: bool = False
) -> Callable[[nn.Sequential, Batches], float]:
    """Each batch by its own statistics; ``weight`` of its examples, of all, and of the number of batches.

    ``zeroed`` throws the gradients away before each batch.
    """

    def function(model: nn.Sequential, batches: Batches) -> float:
        model.zero_grad()
        total, n = 0.0, sum(len(y) for _, y in batches)
        for x, y in batches:
            if zeroed:
                model.zero_grad()
            loss = cross_entropy(model(x), y) * weight(len(y), n, len(batches))
            loss.backward()
            total += loss.item()
        return total

    return function


STATISTICS_OF_EACH_BATCH = Mistake(
    "statistics-of-each-batch",
    """Each batch is normalised with its own statistics, so this is the gradient of another function: a BatchNorm has to
    see the examples of all batches.""",
    each_by_itself(lambda n, total, count: n / total),
    each_by_itself(lambda n, total, count: 1 / count),
    each_by_itself(lambda n, total, count: 1.0),
    each_by_itself(lambda n, total, count: n),
    each_by_itself(lambda n, total, count: n / total, zeroed=True),
    each_by_itself(lambda n, total, count: 1 / count, zeroed=True),
    each_by_itself(lambda n, total, count: 1.0, zeroed=True),
    loose=True,
)


def for_one_kind(kind: type[nn.Module]) -> Callable[[nn.Sequential, Batches], float]:
    """Only one kind of BatchNorm gets all examples at once."""

    def function(model: nn.Sequential, batches: Batches) -> float:
        model.zero_grad()
        loss = cross_entropy(logits_of(model, batches, lambda layer: isinstance(layer, kind)), targets_of(batches))
        loss.backward()
        return loss.item()

    return function


ONE_KIND_OF_BATCHNORM = Mistake(
    "one-kind-of-batchnorm",
    "BatchNorm1d and BatchNorm2d are both to see the examples of all batches: which one does your condition leave out?",
    for_one_kind(nn.BatchNorm1d),
    for_one_kind(nn.BatchNorm2d),
    loose=True,
)


def no_gradient_left(model: nn.Sequential, batches: Batches) -> float:
    """No gradient is left afterwards: is `backward()` called, and does `zero_grad()` come before it?"""
    loss = accumulated(model, batches)
    model.zero_grad()
    return loss


def gradient_stops_at_batchnorm(model: nn.Sequential, batches: Batches) -> float:
    """The layers before a BatchNorm get no gradient: what takes the numbers out of torch's graph on their way through
    it?
    """
    return through(model, batches, lambda layer, x: layer(x.detach()))


def batchnorm_without_gradient(model: nn.Sequential, batches: Batches) -> float:
    """The same, with the whole layer outside of the graph."""

    def norm(layer: _BatchNorm, x: Tensor) -> Tensor:
        with torch.no_grad():
            return layer(x)

    return through(model, batches, norm)


def parts_again(
    split: Callable[[Tensor, list[int]], Sequence[Tensor]], lossy: Callable[[Tensor], Tensor] = lambda logits: logits
) -> Callable[[nn.Sequential, Batches], float]:
    """The loop of the assignment, with another way to get parts back after a BatchNorm, and one loss for each part."""

    def function(model: nn.Sequential, batches: Batches) -> float:
        model.zero_grad()
        sizes = [len(x) for x, _ in batches]
        parts: Sequence[Tensor] = [x for x, _ in batches]
        for layer in model:
            if tasks.is_batchnorm(layer):
                parts = split(layer(torch.cat(list(parts))), sizes)
            else:
                parts = [layer(part) for part in parts]
        losses = [cross_entropy(lossy(part), y, reduction="sum") for part, (_, y) in zip(parts, batches, strict=False)]
        loss = sum(losses) / sum(sizes)
        loss.backward()
        return loss.item()

    return function


def backward_for_each_batch(model: nn.Sequential, batches: Batches) -> float:
    """The batches have met in a BatchNorm, so their losses share one graph, and the first `backward()` frees it: of
    which single number would one `backward()` be enough?
    """
    model.zero_grad()
    parts = logits_of(model, batches).split([len(y) for _, y in batches])
    for part, (_, y) in zip(parts, batches, strict=True):
        cross_entropy(part, y).backward()
    return 0.0


def loss_averaged_twice(model: nn.Sequential, batches: Batches) -> float:
    """The gradients are right, and the loss that comes back is divided once too often."""
    return accumulated(model, batches) / len(batches)


def loss_averaged_twice_over_examples(model: nn.Sequential, batches: Batches) -> float:
    """The same, with the number of the examples."""
    return accumulated(model, batches) / sum(len(y) for _, y in batches)


def weighted(model: nn.Sequential, batches: Batches, weights: Sequence[float]) -> float:
    """With the right logits, and a weight for the mean loss of each batch."""
    model.zero_grad()
    sizes = [len(y) for _, y in batches]
    parts = logits_of(model, batches).split(sizes)
    loss = sum(w * cross_entropy(part, y) for w, part, (_, y) in zip(weights, parts, batches, strict=True))
    loss.backward()
    return loss.item()


def batches_weighted_alike(model: nn.Sequential, batches: Batches) -> float:
    """The mean of the batches' means is the mean over the examples only where the batches are of one size."""
    return weighted(model, batches, [1 / len(batches)] * len(batches))


def means_summed(model: nn.Sequential, batches: Batches) -> float:
    """The batches' mean losses are added up: divide, or the gradient grows with the number of batches."""
    return weighted(model, batches, [1.0] * len(batches))


def losses_summed(model: nn.Sequential, batches: Batches) -> float:
    """The losses of all examples are added up, and a mean is asked for."""
    return weighted(model, batches, [float(len(y)) for _, y in batches])


def only_last_loss(model: nn.Sequential, batches: Batches) -> float:
    """Only the loss of the last batch reaches the gradient: all batches count."""
    model.zero_grad()
    logits, y = logits_of(model, batches), batches[-1][1]
    loss = cross_entropy(logits[-len(y) :], y)
    loss.backward()
    return loss.item()


def everything_at_once(model: nn.Sequential, batches: Batches) -> float:
    """The large batch does not fit into memory: give each layer but BatchNorm one batch at a time."""
    model.zero_grad()
    loss = cross_entropy(model(torch.cat([x for x, _ in batches])), targets_of(batches))
    loss.backward()
    return loss.item()


def old_gradients_kept(model: nn.Sequential, batches: Batches) -> float:
    """The gradients from before are still in the sum: what has to happen to them first?"""
    loss = cross_entropy(logits_of(model, batches), targets_of(batches))
    loss.backward()
    return loss.item()


def normalised(layer: _BatchNorm, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
    """BatchNorm with given statistics."""
    per_channel = (-1, *[1] * (x.ndim - 2))
    x_hat = (x - mean.reshape(per_channel)) / (var.reshape(per_channel) + layer.eps).sqrt()
    if layer.weight is None:
        return x_hat
    return layer.weight.reshape(per_channel) * x_hat + layer.bias.reshape(per_channel)


def statistics_of(x: Tensor) -> tuple[Tensor, Tensor]:
    """The mean and the biased variance of each channel."""
    rows = x.transpose(1, -1).flatten(0, -2)
    return rows.mean(0), rows.var(0, correction=0)


def through(model: nn.Sequential, batches: Batches, norm: Callable[[_BatchNorm, Tensor], Tensor]) -> float:
    """As it should be, but with something else in place of each BatchNorm."""
    model.zero_grad()
    sizes = [len(x) for x, _ in batches]
    parts = [x for x, _ in batches]
    for layer in model:
        is_norm = tasks.is_batchnorm(layer)
        parts = norm(layer, torch.cat(parts)).split(sizes) if is_norm else [layer(part) for part in parts]
    loss = cross_entropy(torch.cat(list(parts)), targets_of(batches))
    loss.backward()
    return loss.item()


def move(layer: _BatchNorm, x: Tensor, times: int = 1) -> None:
    """Move the running statistics by one batch."""
    with torch.no_grad():
        mean, var = statistics_of(x)
        n = x.numel() / x.shape[1]
        for _ in range(times):
            layer.running_mean.lerp_(mean, layer.momentum)
            layer.running_var.lerp_(var * n / (n - 1), layer.momentum)


def statistics_without_gradient(model: nn.Sequential, batches: Batches) -> float:
    """The statistics are right and enter as constants: the gradient also flows through the mean and the variance."""

    def norm(layer: _BatchNorm, x: Tensor) -> Tensor:
        move(layer, x)
        return normalised(layer, x, *statistics_of(x.detach()))

    return through(model, batches, norm)


def constants_and_statistics_kept(model: nn.Sequential, batches: Batches) -> float:
    """The same, and the running statistics stay."""
    return through(model, batches, lambda layer, x: normalised(layer, x, *statistics_of(x.detach())))


STATISTICS_WITHOUT_GRADIENT = Mistake(
    "statistics-without-gradient",
    statistics_without_gradient.__doc__,
    statistics_without_gradient,
    constants_and_statistics_kept,
)


def running_statistics_kept(model: nn.Sequential, batches: Batches) -> float:
    """The gradients are right, and the running statistics have not moved: a step in training moves them once."""
    return through(model, batches, lambda layer, x: normalised(layer, x, *statistics_of(x)))


def running_statistics_moved_twice(model: nn.Sequential, batches: Batches) -> float:
    """The running statistics have moved twice: a BatchNorm ran in two passes, or ran again during the backward pass."""

    def norm(layer: _BatchNorm, x: Tensor) -> Tensor:
        move(layer, x)
        return layer(x)

    return through(model, batches, norm)


def running_statistics_moved_per_batch(model: nn.Sequential, batches: Batches) -> float:
    """The running statistics have moved once for each batch: they are to move as by one large batch."""

    def norm(layer: _BatchNorm, x: Tensor) -> Tensor:
        for part in x.split([len(y) for _, y in batches]):
            move(layer, part)
        return normalised(layer, x, *statistics_of(x))

    return through(model, batches, norm)


def running_statistics_normalise(model: nn.Sequential, batches: Batches) -> float:
    """The running statistics normalise here, as in evaluation: in training it is the examples of all batches."""
    return through(
        model, batches, lambda layer, x: normalised(layer, x, layer.running_mean.clone(), layer.running_var.clone())
    )


def left_in_evaluation(model: nn.Sequential, batches: Batches) -> float:
    """The model was in training mode and is left in evaluation mode."""
    loss = accumulated(model, batches)
    model.eval()
    return loss


def takes_a_step(model: nn.Sequential, batches: Batches) -> float:
    """The parameters have moved: the step is up to the caller."""
    loss = accumulated(model, batches)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.1 * parameter.grad
    return loss


def loss_not_averaged(model: nn.Sequential, batches: Batches) -> float:
    """The gradients are right, and the loss that comes back is a sum: it is to be the mean over all examples."""
    return accumulated(model, batches) * sum(len(y) for _, y in batches)


def normalised_together(layer: _BatchNorm, parts: Sequence[Tensor]) -> list[Tensor]:
    """BatchNorm of all batches, by hand."""
    axes = (0, *range(2, parts[0].ndim))
    shape = (1, -1, *[1] * (parts[0].ndim - 2))
    n = sum(part.numel() // part.shape[1] for part in parts)
    mean = sum(part.sum(axes) for part in parts) / n
    var = sum((part - mean.view(shape)).square().sum(axes) for part in parts) / n
    with torch.no_grad():
        layer.running_mean.mul_(1 - layer.momentum).add_(layer.momentum * mean)
        layer.running_var.mul_(1 - layer.momentum).add_(layer.momentum * var * n / (n - 1))
    parts = [(part - mean.view(shape)) / torch.sqrt(var.view(shape) + layer.eps) for part in parts]
    if not layer.affine:
        return parts
    return [layer.weight.view(shape) * part + layer.bias.view(shape) for part in parts]


def accumulated_by_hand(model: nn.Sequential, batches: Batches) -> float:
    """With BatchNorm written out, and the sum of the losses."""
    model.zero_grad()
    parts = [x for x, _ in batches]
    for layer in model:
        together = tasks.is_batchnorm(layer)
        parts = normalised_together(layer, parts) if together else [layer(part) for part in parts]
    total = sum(cross_entropy(part, y, reduction="sum") for part, (_, y) in zip(parts, batches, strict=True))
    loss = total / sum(len(y) for _, y in batches)
    loss.backward()
    return loss.item()


accumulate = Check(
    tasks.accumulate,
    right=accumulated,
    forms=(accumulated_by_hand,),
    wrong=(
        STATISTICS_OF_EACH_BATCH,
        ONE_KIND_OF_BATCHNORM,
        no_gradient_left,
        written(gradient_stops_at_batchnorm, batchnorm_without_gradient),
        Mistake(
            "not-split-again",
            """What comes out of a BatchNorm is one tensor of all examples, and the layer behind it is to be given one
            batch at a time: how do you get the batches back?""",
            parts_again(lambda x, sizes: x),
            parts_again(lambda x, sizes: [x]),
        ),
        Mistake(
            "split-into-equal-parts",
            """The batches may be of different sizes, and behind the BatchNorm they are cut into parts of one size:
            what else can `split` be told?""",
            parts_again(lambda x, sizes: x.split(sizes[0])),
            parts_again(lambda x, sizes: x.chunk(len(sizes))),
            parts_again(lambda x, sizes: x.split(max(sizes))),
            parts_again(lambda x, sizes: x.split(len(x) // len(sizes))),
        ),
        Mistake(
            "softmax-before-the-loss",
            "`cross_entropy` takes the softmax itself: what does it want to be given?",
            parts_again(lambda x, sizes: x.split(sizes), lambda logits: logits.softmax(1)),
        ),
        backward_for_each_batch,
        written(loss_averaged_twice, loss_averaged_twice_over_examples),
        batches_weighted_alike,
        means_summed,
        losses_summed,
        only_last_loss,
        everything_at_once,
        old_gradients_kept,
        STATISTICS_WITHOUT_GRADIENT,
        running_statistics_kept,
        running_statistics_moved_twice,
        running_statistics_moved_per_batch,
        running_statistics_normalise,
        left_in_evaluation,
        takes_a_step,
        loss_not_averaged,
    ),
)
