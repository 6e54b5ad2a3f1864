import {registry} from "@web/core/registry";
import {user} from "@web/core/user";

/** Odoo's page does not say its language: how it is to be read out, and where words part. */
registry.category("services").add("sales_crm_page_language", {
    start() {
        document.documentElement.lang ||= user.lang;
    },
});
