from . import test_customer_approval
from . import test_customer_salesman
from . import test_sales_visibility
