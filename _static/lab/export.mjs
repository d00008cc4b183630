/*
 * What a reader can take along: the experiment as PyTorch code that prints the same losses, and the curves as CSV.
 */

const ACTIVATIONS = { tanh: "torch.tanh({})", relu: "torch.relu({})", sigmoid: "torch.sigmoid({})", linear: "{}" };

const STD = {
  normal: "1.0",
  "fixed-output": "1.0",
  "fixed-tanh": "0.2",
  kaiming: "(5 / 3) / fan_in**0.5",
  lecun: "1 / fan_in**0.5",
  xavier: "(2 / (fan_in + fan_out)) ** 0.5",
  he: "2**0.5 / fan_in**0.5",
};

/** The lines that make the parameters of one network and define `forward`. */
function networkCode(settings, suffix) {
  const { net, init, bn, bias, width, act, residual, depth, gains, gain, constant, eps, momentum, variance, precision } = settings;
  const deep = net === "deep";
  const layers = deep ? depth : 1;
  const hasBias = bn !== "before" || bias;
  const lines = [`def network_${suffix}(g):`];
  const add = (...more) => lines.push(...more.map((line) => (line ? `    ${line}` : line)));
  const std = STD[init] ?? `${gain} / fan_in**0.5`;
  add(`sizes = [30] + [${width}] * ${layers} + [27]`);
  if (init === "zeros") {
    add("C = torch.zeros(27, 10)", "W = [torch.zeros(i, o) for i, o in zip(sizes, sizes[1:])]", "b = [torch.zeros(o) for o in sizes[1:]]");
  } else {
    add("C = torch.randn((27, 10), generator=g)", "W, b = [], []");
    add("for n, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])):", `    last = n == ${layers}`);
    if (init === "constant") {
      add(`    W.append(torch.full((fan_in, fan_out), ${constant}))`, "    b.append(torch.zeros(fan_out))");
    } else if (init === "torch") {
      const drawn = hasBias ? "True" : deep ? "False" : "last";
      add(
        "    w = torch.empty(fan_out, fan_in)",
        "    torch.nn.init.kaiming_uniform_(w, a=5**0.5, generator=g)",
        "    W.append(w.T.contiguous())",
        "    b.append(torch.zeros(fan_out))",
        `    if ${drawn}:`,
        "        b[-1].uniform_(-1 / fan_in**0.5, 1 / fan_in**0.5, generator=g)",
      );
    } else if (!deep) {
      const factor = init === "normal" || init === "fixed-output" ? 1 : 0.01;
      add(
        `    W.append(torch.randn((fan_in, fan_out), generator=g) * (${init === "normal" ? "1.0" : "0.01"} if last else ${std}))`,
        `    b.append(torch.randn(fan_out, generator=g) * (${init === "normal" ? 1 : 0} if last else ${factor}))`,
      );
    } else {
      const output = { normal: "1.0", "fixed-output": "0.01", "fixed-tanh": "0.01" }[init] ?? "1 / fan_in**0.5";
      add(`    W.append(torch.randn((fan_in, fan_out), generator=g) * (${output} if last else ${std}))`, "    b.append(torch.zeros(fan_out))");
      if (bn !== "before" && output.startsWith("1 /")) add("W[-1] *= 0.1  # the first loss is near ln 27");
    }
    for (const [layer, factor] of gains) if (layer >= 1 && layer <= layers) add(`W[${layer - 1}] *= ${factor}`);
  }
  const ends = deep && bn === "before"; // a BatchNorm after the output too
  if (bn !== "off") {
    add(`norms = [torch.nn.BatchNorm1d(n, eps=${eps}, momentum=${momentum}) for n in ${ends ? "sizes[1:]" : "sizes[1:-1]"}]`);
    if (ends && init !== "torch" && init !== "zeros") add("torch.nn.init.constant_(norms[-1].weight, 0.1)");
  } else {
    add("norms = []");
  }
  const double = precision === "float64";
  add("parameters = [C, *W, *b, *[p for norm in norms for p in norm.parameters()]]");
  if (double) {
    add("C, W, b = C.double(), [w.double() for w in W], [v.double() for v in b]", "norms = [norm.double() for norm in norms]");
    lines[lines.length - 3] = "";
    add("parameters = [C, *W, *b, *[p for norm in norms for p in norm.parameters()]]");
  }
  add("for p in parameters:", "    p.requires_grad_()", "");
  if (bn !== "off" && variance === "unbiased") {
    add("def normalise(norm, x):", "    return (x - x.mean(0)) / torch.sqrt(x.var(0) + norm.eps) * norm.weight + norm.bias", "");
  } else if (bn !== "off") {
    add("def normalise(norm, x):", "    return norm(x)", "");
  }
  add("def forward(contexts):", "    x = C[contexts].flatten(1)", `    for n in range(${layers}):`);
  add(`        y = x @ W[n]${hasBias ? " + b[n]" : ""}`);
  if (bn === "before") add("        y = normalise(norms[n], y)");
  if (act !== "linear") add(`        y = ${ACTIVATIONS[act].replace("{}", "y")}`);
  if (bn === "after") add("        y = normalise(norms[n], y)");
  add(deep && residual ? "        x = y if n == 0 else x + y" : "        x = y");
  add(`    logits = x @ W[-1]${!ends || bias ? " + b[-1]" : ""}`);
  add(ends ? "    return normalise(norms[-1], logits)" : "    return logits", "", "return parameters, forward");
  return lines;
}

/** The learning rate of a step, as an expression. */
function rateCode({ lr, rates, decay, steps }) {
  const base = [...rates].reduce((before, [from, rate]) => `${rate} if step >= ${from} else ${before}`, String(lr));
  if (!decay) return base;
  return `${rates.length ? `(${base})` : base} / (10 if step >= ${Math.floor(steps / 2)} else 1)`;
}

/** A notebook cell that trains the networks of a state in PyTorch and prints their losses. */
export function pytorchCode(state, link = "") {
  const names = state.b ? ["a", "b"] : ["a"];
  const lines = [
    "# From the laboratory of bncourse: the same draws, the same minibatches, the same losses.",
    ...(link ? [`# ${link}`] : []),
    "import torch",
    "from bncourse.names import load_splits",
    "",
    "data = load_splits().train",
    "",
    "",
  ];
  for (const name of names) lines.push(...networkCode(state[name], name), "", "");
  lines.push("losses = {}");
  for (const name of names) {
    const settings = state[name];
    const [upper, seed] = [name.toUpperCase(), settings.seed];
    lines.push(`g = torch.Generator().manual_seed(${seed})`, `parameters, forward = network_${name}(g)`);
    if (name === "b" && seed === state.a.seed) {
      lines.push("# B sees the minibatches of A, whatever it has drawn itself.", `g = torch.Generator().manual_seed(${seed})`, "network_a(g)");
    }
    lines.push(
      `losses["${upper}"] = []`,
      `for step in range(${settings.steps}):`,
      `    batch = torch.randint(0, len(data.targets), (${settings.batch},), generator=g)`,
      "    loss = torch.nn.functional.cross_entropy(forward(data.contexts[batch]), data.targets[batch])",
      "    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)",
      "    with torch.no_grad():",
      "        for p, gradient in zip(parameters, gradients):",
      "            if gradient is not None:",
      `                p -= (${rateCode(settings)}) * gradient`,
      `    losses["${upper}"].append(loss.item())`,
      "",
    );
  }
  lines.push('for name, values in losses.items():', '    print(name, *(f"{loss:.4f}" for loss in values[:5]), "…", f"{values[-1]:.4f}")');
  return `${lines.join("\n").replace(/\n{4,}/g, "\n\n\n")}\n`;
}

/** The curves as CSV, with the state's link as a comment. */
export function lossesCsv(losses, link = "") {
  const names = Object.keys(losses).filter((name) => losses[name]?.length);
  const titles = names.map((name) => ({ a: "loss_A", b: "loss_B", a2: "loss_A_twin", b2: "loss_B_twin" })[name]);
  const rows = Array.from({ length: losses[names[0]]?.length ?? 0 }, (_, i) => [i, ...names.map((name) => losses[name][i])].join(","));
  return [...(link ? [`# ${link}`] : []), ["step", ...titles].join(","), ...rows, ""].join("\n");
}
