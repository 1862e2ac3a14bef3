// Takes the README's picture, docs/playground.png: two vendors' rules on one failed call, and the clause that decides.
import { end, open, REPOSITORY, serve } from "./harness.mjs";

const page = await open(await serve(), { viewport: { width: 1340, height: 700 } });
// The first judging of a page is its slowest.
await page.locator("#record-editor .cm-content").click();
for (const key of ["End", "Space", "Backspace", "Space", "Backspace"]) {
    await page.keyboard.press(key);
    await page.waitForTimeout(300);
}
await page.locator(".row", { hasText: "event.outcome:success" }).first().click();
await page.mouse.move(0, 0);
await page.waitForTimeout(500);
await page.screenshot({ path: `${REPOSITORY}docs/playground.png` });
await end();
process.exit(0);
