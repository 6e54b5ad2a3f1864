from . import test_concurrency
from . import test_customer_approval
from . import test_customer_salesman
from . import test_hoot
from . import test_import
from . import test_random_world
from . import test_sales_visibility
from . import test_tours
