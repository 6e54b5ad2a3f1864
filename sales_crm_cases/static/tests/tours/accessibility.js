import {delay} from "@web/core/utils/concurrency";
import {getServices, until} from "./tour_helpers";

const IMPACTS = ["serious", "critical"];
// In the middle of a fading a text has the contrast of neither end
const STILL =
    "*, *::before, *::after {transition: none !important; animation: none !important}";

async function loadAxe(url) {
    const style = document.createElement("style");
    style.textContent = STILL;
    const script = document.createElement("script");
    script.textContent = await (await fetch(url)).text();
    document.head.append(style, script);
}

/** @param {Object} screen `action`, `props`, `clicks`, `ready`: see test_accessibility.py */
async function openScreen({action, props, clicks, ready}) {
    const services = getServices();
    // Menus and pickers close when something else is clicked
    document.body.dispatchEvent(new PointerEvent("pointerdown", {bubbles: true}));
    services.dialog.closeAll();
    await until(
        () => !document.querySelector(".o_dialog, .o_popover"),
        "dialogs and menus are closed"
    );
    if (action) {
        await services.action.doAction(action, {clearBreadcrumbs: true, props});
    }
    for (const selector of clicks) {
        (await until(selector)).click();
        await delay(0);
    }
    await until(ready);
    await until(
        () => !document.querySelector(".o_home_placeholder, .o_loading_indicator"),
        "everything is loaded"
    );
    // The chart, the pictures of people
    await delay(150);
}

/** @returns {Object|undefined} why a finding is none of ours */
function findReason(known, rule, element) {
    return known.find((each) => each.rule === rule && element?.closest(each.selector));
}

/** What axe finds, once nothing of it has been drawn anew meanwhile. */
async function look(include, run) {
    for (let tries = 0; ; tries++) {
        const parts = [...document.querySelectorAll(include)];
        const {violations} = await window.axe.run(parts, {...run, elementRef: true});
        const nodes = violations.flatMap((violation) => violation.nodes);
        if (tries === 3 || nodes.every(({element}) => element?.isConnected)) {
            return violations;
        }
        await delay(300);
    }
}

/**
 * Open screens one after the other, and have axe-core look at them.
 *
 * @param {Object} options `axeUrl`; `screens`; `known` findings in Odoo's own markup, with
 *      `rule`, `selector`, `reason`; `run` options of axe; `include` CSS selector of the parts to
 *      look at
 * @throws {Error} names each serious or critical finding
 */
export async function checkScreens({axeUrl, screens, known, run, include}) {
    await loadAxe(axeUrl);
    const findings = [];
    for (const screen of screens) {
        try {
            await openScreen(screen);
        } catch (error) {
            findings.push(`${screen.name}: cannot be opened: ${error.message}`);
            continue;
        }
        const violations = await look(include, run);
        for (const {id, impact, nodes} of violations) {
            if (!IMPACTS.includes(impact)) {
                continue;
            }
            for (const node of nodes) {
                const {element} = node;
                if (!findReason(known, id, element)) {
                    const why = [...node.any, ...node.all, ...node.none]
                        .map((check) => check.message)
                        .join("; ");
                    findings.push(
                        `${screen.name}: ${id} (${impact}): ${node.target.join(" ")}\n` +
                            `    ${element?.outerHTML.slice(0, 300)}\n    ${why}`
                    );
                }
            }
        }
        console.log(`looked at: ${screen.name}`);
    }
    if (findings.length) {
        throw new Error(`${findings.length} findings\n${findings.join("\n")}`);
    }
}
