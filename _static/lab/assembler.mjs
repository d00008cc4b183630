/*
 * A small assembler for WebAssembly: a kernel is written as JavaScript that lists instructions, and is compiled when the
 * laboratory starts. There is no build step and no binary file.
 *
 * An expression is the list of its bytes; operators take expressions and return one. Source of the byte codes: the
 * WebAssembly specification, binary format, with fixed-width and relaxed SIMD.
 */

/** Unsigned LEB128. */
function unsigned(n) {
  const bytes = [];
  do {
    bytes.push((n & 0x7f) | (n > 0x7f ? 0x80 : 0));
    n >>>= 7;
  } while (n);
  return bytes;
}

/** Signed LEB128. */
function signed(n) {
  for (const bytes = []; ; ) {
    const byte = n & 0x7f;
    n >>= 7;
    if ((n === 0 && !(byte & 0x40)) || (n === -1 && byte & 0x40)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

const single = (x) => [...new Uint8Array(Float32Array.of(x).buffer)];
const operator = (...code) => (...operands) => [...operands.flat(), ...code];
const vector = (code) => operator(0xfd, ...unsigned(code));

export const i32 = {
  const: (n) => [0x41, ...signed(n)],
  load: (address, offset = 0) => [...address, 0x28, 2, ...unsigned(offset)],
  add: operator(0x6a),
  sub: operator(0x6b),
  mul: operator(0x6c),
  shl: operator(0x74),
  notBelow: operator(0x4f), // a ≥ b, unsigned
};

export const f32 = {
  const: (x) => [0x43, ...single(x)],
  store: (address, value, offset = 0) => [...address, ...value, 0x38, 2, ...unsigned(offset)],
  load: (address, offset = 0) => [...address, 0x2a, 2, ...unsigned(offset)],
  add: operator(0x92),
  sub: operator(0x93),
  div: operator(0x95),
  max: operator(0x97),
};

export const v128 = {
  const: (x) => [0xfd, 12, ...Array(4).fill(single(x)).flat()],
  words: (n) => [0xfd, 12, ...Array(4).fill([...new Uint8Array(Int32Array.of(n).buffer)]).flat()],
  load: (address, offset = 0) => [...address, 0xfd, 0, 4, ...unsigned(offset)],
  loadSplat: (address, offset = 0) => [...address, 0xfd, 9, 2, ...unsigned(offset)],
  store: (address, value, offset = 0) => [...address, ...value, 0xfd, 11, 4, ...unsigned(offset)],
  splat: vector(19),
  lane: (value, n) => [...value, 0xfd, 31, n],
  and: vector(78),
  or: vector(80),
  select: vector(82), // (where set, where not, mask)
  below: vector(67),
  above: vector(68),
  floor: vector(104),
  abs: vector(224),
  sqrt: vector(227),
  add: vector(228),
  sub: vector(229),
  mul: vector(230),
  div: vector(231),
  min: vector(232),
  max: vector(233),
  fused: vector(0x105), // a · b + c, rounded once where the processor can
  shiftWords: vector(171),
  addWords: vector(174),
  toWords: vector(248),
};

const TYPES = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

/** One exported function, whose arguments are given by name and type; it returns nothing. */
export class Routine {
  constructor(name, parameters) {
    this.name = name;
    this.types = Object.values(parameters);
    this.count = this.types.length;
    this.body = [];
    this.arguments = Object.fromEntries(Object.keys(parameters).map((key, i) => [key, i]));
  }

  /** The value of an argument or a local variable. */
  get(variable) {
    return [0x20, ...unsigned(typeof variable === "string" ? this.arguments[variable] : variable)];
  }

  /** A new local variable. */
  local(type) {
    this.types.push(type);
    return this.types.length - 1;
  }

  /** `variable = expression` */
  set(variable, expression) {
    this.emit([...expression, 0x21, ...unsigned(typeof variable === "string" ? this.arguments[variable] : variable)]);
  }

  /** A new local variable that starts as `expression`. */
  let(type, expression) {
    const variable = this.local(type);
    this.set(variable, expression);
    return variable;
  }

  /** `variable += expression`, for whole numbers. */
  advance(variable, expression) {
    this.set(variable, i32.add(this.get(variable), expression));
  }

  emit(bytes) {
    for (const byte of bytes) this.body.push(byte);
  }

  /** `while (variable < end) { body; variable += step }`; every argument but the body is an expression or a variable. */
  loop(variable, end, step, body) {
    this.emit([0x02, 0x40, 0x03, 0x40, ...i32.notBelow(this.get(variable), end), 0x0d, 1]);
    body();
    this.advance(variable, step);
    this.emit([0x0c, 0, 0x0b, 0x0b]);
  }

  /** `if (condition) { body }` */
  when(condition, body) {
    this.emit([...condition, 0x04, 0x40]);
    body();
    this.emit([0x0b]);
  }
}

/** The bytes of a module that imports one memory and exports the routines. */
export function assemble(routines) {
  const list = (items) => [...unsigned(items.length), ...items.flat()];
  const text = (string) => list([...new TextEncoder().encode(string)]);
  const section = (id, content) => [id, ...unsigned(content.length), ...content];
  const types = routines.map(({ types, count }) => [0x60, ...list(types.slice(0, count).map((t) => TYPES[t])), 0]);
  const code = routines.map(({ types, count, body }) => {
    const locals = list(types.slice(count).map((type) => [1, TYPES[type]]));
    const content = [...locals, ...body, 0x0b];
    return [...unsigned(content.length), ...content];
  });
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list([[...text("lab"), ...text("memory"), 2, 0, 1]])),
    ...section(3, list(routines.map((_, i) => unsigned(i)))),
    ...section(7, list(routines.map(({ name }, i) => [...text(name), 0, ...unsigned(i)]))),
    ...section(10, list(code)),
  ]);
}
