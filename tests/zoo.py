"""Every network of the zoo, small, for tests of what all of them must do: a line for a new one."""

from lth_tf.models import (
    ImagenetResnet,
    InceptionV3,
    Lenet,
    Resnet,
    SqueezeNet,
    Vgg,
    WideResnet,
)

COLOUR = {"classes": 5, "image_shape": (16, 16, 3)}
SMALL = {
    "lenet": Lenet(widths=(6, 5), **COLOUR),
    "resnet": Resnet(depth=8, width=4, **COLOUR),
    "resnet18": ImagenetResnet(depth=18, stem="cifar", width=2, **COLOUR),
    "resnet50": ImagenetResnet(
        depth=50, width=2, pool_padding="same", norm_scale="last_zero", **COLOUR
    ),
    "vgg": Vgg(depth=11, width=4, **COLOUR),
    "wide_resnet": WideResnet(depth=10, widening=2, width=4, **COLOUR),
    "squeezenet": SqueezeNet(classes=5, image_shape=(32, 32, 3)),
    "inception": InceptionV3(classes=5, image_shape=(75, 75, 3), width_multiplier=0.1),
}
# Inception's last grid in images so small is one pixel, where batch norm over a few examples makes
# any difference of rounding large: the order of examples in a batch alone turns its updates about.
# It is trained on one; train_on_devices.py has its parts on two.
REPEATABLE = [name for name in SMALL if name != "inception"]
