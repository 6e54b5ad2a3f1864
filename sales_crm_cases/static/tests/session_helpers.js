import {patchWithCleanup} from "@web/../tests/web_test_helpers";
import {session} from "@web/session";

/**
 * Sign in as somebody with these rights, until the test ends.
 *
 * @param {Object} rights as the server puts them into the session
 */
export function signInWith(rights) {
    patchWithCleanup(session, {sales_crm_cases: rights});
}
