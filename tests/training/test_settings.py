"""What a process runs with: oneDNN on, what decides bytes recorded, what is slow said."""

import json
import os
import subprocess
import sys

import pytest

from lth_tf.training import processor

INTEL = "vendor_id : GenuineIntel\ncpu family : 6\nmodel : 143\nmodel name : Xeon\nflags : {}\n\n?"
ARM = "Features : {}\n\n"
WIDE = "sse avx fma avx2 avx512f avx512_vnni"


@pytest.fixture
def cpu(monkeypatch, tmp_path):
    """Pretends to be on another CPU."""

    def pretend(information):
        (tmp_path / "cpuinfo").write_text(information)
        monkeypatch.setattr(processor, "_INFORMATION", tmp_path / "cpuinfo")
        processor._information.cache_clear()

    yield pretend
    monkeypatch.undo()
    processor._information.cache_clear()


@pytest.mark.parametrize(
    "information, vectors, has_bfloat16",
    [
        (INTEL.format("sse sse2"), "unknown", True),
        (INTEL.format("sse avx"), "avx", False),
        (INTEL.format("avx fma avx2"), "avx2", False),
        (INTEL.format("avx fma avx2 avx512f"), "avx512", False),
        (INTEL.format(WIDE), "avx512+vnni", False),
        (INTEL.format(WIDE + " avx512_bf16"), "avx512+bf16", True),
        (INTEL.format(WIDE + " avx512_bf16 amx_bf16"), "avx512+amx", True),
        (ARM.format("asimd"), "neon", False),
        (ARM.format("asimd sve bf16"), "sve+bf16", True),
        ("", "unknown", True),
    ],
)
def test_the_widest_vectors_and_whether_there_is_bfloat16(cpu, information, vectors, has_bfloat16):
    cpu(information)
    assert (processor.vectors(), processor.has_bfloat16()) == (vectors, has_bfloat16)


def test_a_name_tells_generations_of_a_virtual_cpu_apart(cpu):
    cpu(INTEL.format("avx"))
    assert processor.name() == "Xeon, GenuineIntel family 6 model 143"


def test_what_the_cpu_has_no_instructions_for_is_said(cpu, caplog, monkeypatch):
    monkeypatch.setattr(processor, "_ACCELERATORS", ())
    cpu(INTEL.format(WIDE + " amx_bf16"))
    processor.warn_if_slow("mixed_bfloat16")
    cpu(INTEL.format("avx fma avx2"))
    processor.warn_if_slow("float32")
    assert caplog.messages == []
    processor.warn_if_slow("mixed_bfloat16")
    (line,) = caplog.messages
    assert "Xeon" in line and "--gin_bindings=\"Hparams.precision='float32'\"" in line


def test_beside_a_gpu_that_may_be_used_nothing_is_said(cpu, caplog, monkeypatch, tmp_path):
    monkeypatch.setattr(processor, "_ACCELERATORS", (str(tmp_path),))
    cpu(INTEL.format("avx"))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    processor.warn_if_slow("mixed_bfloat16")
    assert caplog.messages == []
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    processor.warn_if_slow("mixed_bfloat16")
    assert len(caplog.messages) == 1


SHOW = (
    "from lth_tf.training import numerics; numerics.configure(1);"
    "import json; print(json.dumps([numerics.settings(), numerics.software(), numerics.device()]))"
)


def shown(code, **environment):
    """What a new process says of itself, whose environment has nothing of ours."""
    names = ("TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS")
    clean = {name: value for name, value in os.environ.items() if name not in names}
    call = [sys.executable, "-c", code]
    done = subprocess.run(call, env={**clean, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_onednn_is_on_and_what_else_decides_bytes_is_recorded():
    settings, software, device = shown(SHOW, ONEDNN_MAX_CPU_ISA="AVX2", ONEDNN_VERBOSE="0")
    assert settings == {
        "onednn": True,
        "vectors": processor.vectors(),
        "xla_flags": "--xla_cpu_prefer_vector_width=512",
        "environment": "ONEDNN_MAX_CPU_ISA=AVX2",
    }
    assert software["onednn"] == "on" and software["environment"] == settings["environment"]
    assert processor.name() in device and processor.vectors() in device


def test_a_users_own_setting_stays_and_what_tensorflow_does_is_what_is_said():
    """It looks once: what is in the environment later says nothing."""
    late = "import os, tensorflow; os.environ['TF_ENABLE_ONEDNN_OPTS'] = '1';"
    flags = "--xla_cpu_enable_fast_math=true"
    settings, software, _ = shown(late + SHOW, TF_ENABLE_ONEDNN_OPTS="0", XLA_FLAGS=flags)
    assert settings["onednn"] is False and software["onednn"] == "off"
    assert flags in settings["xla_flags"] and flags in software["xla_flags"]
