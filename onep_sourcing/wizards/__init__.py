from . import base_partner_merge
from . import onep_feed_upload
from . import onep_feed_upload_line
from . import onep_picking_add
from . import onep_rfq_create
from . import onep_rfq_create_line
