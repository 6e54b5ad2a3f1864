from . import base_partner_merge
from . import customer_approval_wizard
from . import customer_handover_wizard
from . import customer_salesman_wizard
from . import customer_salesman_wizard_line
from . import customer_visibility_wizard
from . import sale_order_override_wizard
