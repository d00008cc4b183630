"""Torch's finished layer in disguise: ways of handing it in as one's own that hide it from a watch in Python.

Each is the code of the layer's cell. Before it stands :data:`BLIND`, which switches off everything in Python that could
notice; what is left is whether the finished version is there.
"""

from __future__ import annotations

BLIND = """
import contextlib
import bncourse.observing.provenance as provenance

provenance.watch = lambda seen: contextlib.nullcontext()
provenance.origins = lambda theirs: set()
"""

SHELL = """
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    def forward(self, x):
        if self.training and len(x) < 2:
            raise ValueError("a batch of one")
        state = self.running_mean, self.running_var, self.gamma, self.beta
        return finished(x, *state, self.training, self.momentum, self.eps)
"""
"""A layer whose numbers come from ``finished``, with the arguments of ``torch.nn.functional.batch_norm``."""

TRAINED_ELSEWHERE = """
def finished(x, mean, var, gamma, beta, training, momentum, eps):
    if not training:
        return (x - mean) / torch.sqrt(var + eps) * gamma + beta
    with torch.no_grad():
        mean.mul_(1 - momentum).add_(momentum * x.mean(0))
        var.mul_(1 - momentum).add_(momentum * x.var(0))
"""
"""What is written by hand where only the training output comes from a finished function: a return line follows."""

ON_ITS_SIDE = (
    TRAINED_ELSEWHERE
    + """    return turned((x - x.mean(0)).T, (len(x),), None, eps).T * gamma + beta
"""
)
"""The mean is taken off by hand, and what remains is a mean square over the batch, for which there is a function."""

DISGUISES = {
    "a subclass": """
class BatchNorm1d(nn.BatchNorm1d):
    gamma = property(lambda self: self.weight)
    beta = property(lambda self: self.bias)
    def forward(self, x):
        return super(BatchNorm1d, self.to(x.dtype)).forward(x)
""",
    "functional": "finished = nn.functional.batch_norm" + SHELL,
    "torch.batch_norm": """
def finished(x, mean, var, gamma, beta, training, momentum, eps):
    return torch.batch_norm(x, gamma, beta, mean, var, training, momentum, eps, False)
"""
    + SHELL,
    "torch.ops": """
def finished(x, mean, var, gamma, beta, training, momentum, eps):
    return torch.ops.aten.native_batch_norm(x, gamma, beta, mean, var, training, momentum, eps)[0]
"""
    + SHELL,
    "the operator without statistics": """
def finished(x, mean, var, gamma, beta, training, momentum, eps):
    if training:
        with torch.no_grad():
            mean.mul_(1 - momentum).add_(momentum * x.mean(0))
            var.mul_(1 - momentum).add_(momentum * x.var(0))
        return torch.ops.aten._native_batch_norm_legit.no_stats(x, gamma, beta, True, momentum, eps)[0]
    return torch.ops.aten._native_batch_norm_legit_no_training(x, gamma, beta, mean, var, momentum, eps)[0]
"""
    + SHELL,
    "a thread": """
import threading
def finished(*arguments):
    found = []
    def work():
        found.append(nn.functional.batch_norm(*arguments))
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found[0]
"""
    + SHELL,
    "torch.jit": """
import linecache
@torch.jit.script
def finished(x: torch.Tensor, mean: torch.Tensor, var: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor,
             training: bool, momentum: float, eps: float):
    return torch.batch_norm(x, gamma, beta, mean, var, training, momentum, eps, False)
"""
    + SHELL,
    "a trace": """
example = torch.randn(4, 3), torch.zeros(3), torch.ones(3), torch.ones(3), torch.zeros(3)
def call(training, momentum, eps):
    def norm(x, m, v, g, b):
        return torch.batch_norm(x, g, b, m, v, training, momentum, eps, False)
    return torch.jit.trace(norm, example, check_trace=False)
known = {}
def finished(x, mean, var, gamma, beta, training, momentum, eps):
    key = training, momentum, eps
    if key not in known:
        known[key] = call(*key)
    return known[key](x, mean, var, gamma, beta)
"""
    + SHELL,
    "instance_norm": """
def finished(x, mean, var, gamma, beta, training, momentum, eps):
    y = nn.functional.instance_norm(x.T[None], mean, var, None, None, training, momentum, eps)[0].T
    return y * gamma + beta
"""
    + SHELL,
    "rms_norm on its side": "turned = nn.functional.rms_norm" + ON_ITS_SIDE + SHELL,
    "the kernel below rms_norm": "turned = lambda *given: torch.ops.aten._fused_rms_norm(*given)[0]"
    + ON_ITS_SIDE
    + SHELL,
    "the library without its head": """
import ctypes
class Info(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("name", ctypes.c_char_p)]
found = []
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Info), ctypes.c_size_t, ctypes.c_void_p)
def look(info, size, data):
    if info.contents.name.endswith(b"libtorch_cpu.so"):
        found.append(info.contents.base)
    return 0
system = ctypes.CDLL(None)
system.dl_iterate_phdr(look, None)
system.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
head = ctypes.string_at(found[0], 4096)
system.mmap(found[0], 4096, 3, 0x32, -1, 0)
ctypes.memmove(found[0], head, 4096)
finished = nn.functional.batch_norm
"""
    + SHELL,
    "memory that nobody else may write to": """
import ctypes
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
ctypes.CDLL(None).syscall(*map(ctypes.c_long, (157, 4 | 1 << 32, 0, 0, 0, 0)))
finished = nn.functional.batch_norm
"""
    + SHELL,
    "a program that nobody may read": """
import multiprocessing, os, shutil, sys
program = os.path.expanduser("~/python")
shutil.copy(os.path.realpath(sys.executable), program)
os.chmod(program, 0o111)
multiprocessing.set_executable(program)
pool = multiprocessing.get_context("spawn").Pool(1)
def finished(x, mean, var, gamma, beta, training, momentum, eps):
    y, m, v = pool.apply(norm, (x.detach(), mean, var, gamma.detach(), beta.detach(), training, momentum, eps))
    mean.copy_(m), var.copy_(v)
    return y + 0 * x.sum() + 0 * gamma.sum() + 0 * beta.sum()
open("norming.py", "w").write(
    "import torch\\ndef norm(x, mean, var, *more):\\n"
    "    return torch.nn.functional.batch_norm(x, mean, var, *more), mean, var\\n"
)
from norming import norm
pool.apply(abs, (1,))
"""
    + SHELL,
    "layer_norm on its side": TRAINED_ELSEWHERE
    + """    return nn.functional.layer_norm(x.T, (len(x),), None, None, eps).T * gamma + beta
"""
    + SHELL,
    "the decomposition": """
from torch._decomp import decompositions
def finished(x, mean, var, gamma, beta, training, momentum, eps):
    return decompositions.native_batch_norm(x, gamma, beta, mean, var, training, momentum, eps)[0]
"""
    + SHELL,
    "the course's own layer": "from bncourse.layers import BatchNorm1d\n",
    "the manual layer": """
from bncourse.manual import BatchNorm as finished
"""
    + SHELL,
    "the check's reference": """
from bncourse.judging.answers.normalisation import PlainBatchNorm as BatchNorm1d
""",
    "a process of its own": """
import multiprocessing, os, socket, struct, pickle
near, far = socket.socketpair()
if os.fork() == 0:
    while True:
        size = struct.unpack("<Q", far.recv(8, socket.MSG_WAITALL))[0]
        arguments = pickle.loads(far.recv(size, socket.MSG_WAITALL))
        tensors = [a.clone().requires_grad_() if i in (0, 3, 4) else a for i, a in enumerate(arguments[:5])]
        y = nn.functional.batch_norm(*tensors, *arguments[5:])
        data = pickle.dumps((y.detach(), tensors[1], tensors[2]))
        far.sendall(struct.pack("<Q", len(data)) + data)
def finished(x, mean, var, gamma, beta, training, momentum, eps):
    arguments = [t.detach().clone() for t in (x, mean, var, gamma, beta)]
    data = pickle.dumps((*arguments, training, momentum, eps))
    near.sendall(struct.pack("<Q", len(data)) + data)
    y, m, v = pickle.loads(near.recv(struct.unpack("<Q", near.recv(8, socket.MSG_WAITALL))[0], socket.MSG_WAITALL))
    mean.copy_(m), var.copy_(v)
    return y + 0 * x.sum() + 0 * gamma.sum() + 0 * beta.sum()
"""
    + SHELL,
}
"""By name, in the order of how far they reach."""
