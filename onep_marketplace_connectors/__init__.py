from . import models, secret_logging, wizards
from .hooks import uninstall_hook

secret_logging.install()
