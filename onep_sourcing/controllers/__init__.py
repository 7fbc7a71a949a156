from . import feed_upload
