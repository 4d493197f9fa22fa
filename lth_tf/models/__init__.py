"""Networks: recipes of architectures, and their forward passes, names and initial weights.

Importing this package imports no Keras and no TensorFlow, so that recipes can be planned at once;
`Model.build` and `lth_tf.models.network` do.
"""

from lth_tf.models.imagenet_resnet import ImagenetResnet
from lth_tf.models.inception import InceptionV3
from lth_tf.models.lenet import Lenet
from lth_tf.models.resnet import Resnet
from lth_tf.models.squeezenet import SqueezeNet
from lth_tf.models.user import KerasModel, from_keras
from lth_tf.models.vgg import Vgg
from lth_tf.models.wide_resnet import WideResnet

__all__ = [
    "ImagenetResnet", "InceptionV3", "KerasModel", "Lenet", "Resnet", "SqueezeNet", "Vgg",
    "WideResnet", "from_keras",
]  # fmt: skip
