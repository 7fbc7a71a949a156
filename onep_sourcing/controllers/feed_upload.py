from odoo import http
from odoo.http import request

MAX_FILE_BYTES = 512 * 1024 * 1024


class FeedUploadController(http.Controller):
    @http.route(
        "/onep_sourcing/upload",
        type="http",
        auth="user",
        methods=["POST"],
        max_content_length=MAX_FILE_BYTES,
    )
    def upload(self, file, feed_id=None, **_kwargs):
        """Receive one price list and answer with the action of its mapping screen.

        :param file: the multipart file
        :param feed_id: id of the feed it belongs to, empty when the screen should ask
        """
        env = request.env
        feed = env["onep.supplier.feed"].browse(int(feed_id) if feed_id else []).exists()
        feed.check_access("read")
        upload = env["onep.feed.upload"]._create_from_file(file.filename, file.read(), feed)
        return request.make_json_response({"action": upload._get_form_action()})
