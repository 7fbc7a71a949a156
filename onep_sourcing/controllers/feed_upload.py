from odoo import http
from odoo.exceptions import AccessError, UserError
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
    def upload(self, file, feed_id=None, company_ids="", **_kwargs):
        """Receive one price list and answer with the action of its mapping screen.

        :param file: the multipart file
        :param feed_id: id of the feed it belongs to, empty when the screen should ask
        :param company_ids: comma-separated ids of the companies selected on screen, first one
            current
        """
        own = request.env.user.company_ids.ids
        asked = [int(value) for value in company_ids.split(",") if value.isdigit()]
        allowed = [company_id for company_id in asked if company_id in own]
        env = request.env
        if allowed:
            env = env(context=dict(env.context, allowed_company_ids=allowed))
        try:
            feed = env["onep.supplier.feed"].browse(int(feed_id) if feed_id else []).exists()
            feed.check_access("read")
            upload = env["onep.feed.upload"]._create_from_file(file.filename, file.read(), feed)
        except (AccessError, UserError) as error:
            request.env.cr.rollback()
            return request.make_json_response({"error": str(error.args[0])})
        return request.make_json_response({"action": upload._get_form_action()})
