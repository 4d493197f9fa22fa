"""Pretext tasks, for training before a network's own: its images with other labels, or blurred."""

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

from lth_tf.data.selection import LabelNoise
from lth_tf.data.task import TURNS, Task
from lth_tf.recipes import Model, Recipe, RecipeError, require


@dataclass(frozen=True, eq=False, repr=False)
class Pretext(Recipe):
    """A task made of another one (early_phase section 6).

    Attributes:
      random_labels: share of the training images whose labels are drawn anew, the same in all
        replicates; 0 for none.
      rotation: whether the label is the number of quarter turns of the image.
      blur: factor by which images are made smaller and then larger again; 1 for sharp images.
    """

    NAMES: ClassVar[dict[str, dict[str, Any]]] = {
        "random_labels": {"random_labels": 1.0},
        "rotation": {"rotation": True},
        "blur": {"blur": 4},
        "rotation_blur": {"rotation": True, "blur": 4},
    }

    random_labels: float = 0.0
    rotation: bool = False
    blur: int = 1

    @classmethod
    def conformed(cls, value: Any) -> Any:
        if isinstance(value, str) and value not in cls.NAMES:
            raise RecipeError(f"{value!r} is no pretext task; allowed: {', '.join(cls.NAMES)}")
        return cls(**cls.NAMES[value]) if isinstance(value, str) else value

    def check(self) -> None:
        require(0 <= self.random_labels <= 1, self, "random_labels", "from 0 to 1")
        require(self.blur >= 1, self, "blur", "1 (none) or more")
        clean = not (self.rotation and self.random_labels)
        require(clean, self, "random_labels", "0 with Pretext.rotation, whose labels are the turns")
        altered = self.rotation or self.random_labels > 0 or self.blur > 1
        require(altered, self, "blur", "2 or more where nothing else is altered")

    @property
    def name(self) -> str:
        """'rotation_blur'; further values stand behind it."""
        for name, fields in self.NAMES.items():
            if Pretext(**fields).key == self.key:
                return name
        parts = ["rotation"] if self.rotation else []
        parts += [f"random_labels_{self.random_labels:g}"] if self.random_labels else []
        parts += [f"blur_{self.blur}"] if self.blur > 1 else []
        return "_".join(parts)

    def __str__(self) -> str:
        return self.name

    def applied_to(self, task: Recipe) -> Task:
        """Returns the pretext task of a task; it has the same images, augmentation and splits."""
        if not isinstance(task, Task):
            raise RecipeError(f"a pretext task is made of a Task, not of {task}")
        noise = LabelNoise(self.random_labels, 0) if self.random_labels else None
        return dataclasses.replace(task, label_noise=noise, rotation=self.rotation, blur=self.blur)

    def network(self, model: Model) -> Model:
        """Returns a network for the pretext task: the model, with as many logits as it takes."""
        return model.with_classes(TURNS) if self.rotation else model
