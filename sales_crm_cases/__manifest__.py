{
    "name": "Sales CRM Cases",
    "summary": "Customers linked to salesmen, approval by accounts, cases, prompts and privacy",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "website": "https://github.com/sales-crm-cases/sales-crm-cases",
    "author": "Sales CRM Cases contributors",
    "license": "LGPL-3",
    "application": True,
    "depends": [
        "sale_crm",
        "sale_management",
        "crm_sms",
        "hr",
        "calendar",
        "account",
        "contacts",
    ],
    "data": [
        # Security
        "security/res_groups.xml",
        "security/ir.model.access.csv",
        "security/ir_rule.xml",
        # Data
        "data/customer_rank.xml",
        "data/customer_completeness_field.xml",
        "data/ir_cron.xml",
        # Views
        "wizards/customer_approval_wizard_views.xml",
        "wizards/customer_salesman_wizard_views.xml",
        "wizards/customer_visibility_wizard_views.xml",
        "wizards/sale_order_override_wizard_views.xml",
        "views/customer_rank_views.xml",
        "views/customer_approval_views.xml",
        "views/customer_completeness_field_views.xml",
        "views/res_partner_views.xml",
        "views/crm_lead_views.xml",
        "views/hr_employee_views.xml",
        "views/res_users_views.xml",
        "views/res_config_settings_views.xml",
        "views/sale_order_views.xml",
        "views/menus.xml",
    ],
    "demo": [
        "demo/res_users.xml",
        "demo/hr_employee.xml",
        "demo/crm_team.xml",
        "demo/res_partner.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "sales_crm_cases/static/src/**/*",
        ],
        "web.assets_unit_tests": [
            "sales_crm_cases/static/tests/**/*.test.js",
        ],
        "web.assets_tests": [
            "sales_crm_cases/static/tests/tours/**/*",
        ],
    },
    "pre_init_hook": "pre_init_hook",
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}
