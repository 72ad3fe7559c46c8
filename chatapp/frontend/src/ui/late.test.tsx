import { renderToStaticMarkup } from "react-dom/server";
import { expect, test, vi } from "vitest";
import { fetchLate, late, soon } from "./late";
import { emptyPage } from "./page.fixture";

const page = emptyPage();

test("what is late is fetched once the page is painted, and what is added later at once", async () => {
  const fetch = vi.fn(async () => ({ default: ({ name }: { name: string }) => <b>{name}</b> }));
  const away = vi.fn(() => Promise.reject(new Error("no network")));
  const Name = late(fetch);
  soon(away);
  fetchLate();
  await page.wait(1499);
  expect(fetch).not.toHaveBeenCalled();
  await page.wait(1);
  expect([fetch, away].map((one) => one.mock.calls.length)).toEqual([1, 1]);
  soon(away);
  expect(away).toHaveBeenCalledTimes(2);

  expect(renderToStaticMarkup(<Name name="Tea" />)).toBe("<b>Tea</b>"); // waits for nothing
});

test("a late part that cannot be fetched leaves the rest of the page, and is fetched when it is opened again", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined); // React tells of the error
  let network = false;
  const Away = late<object>(async () => {
    if (!network) throw new Error("no network");
    return { default: () => <b>Tea</b> };
  });
  await page.show(<><p>Milk</p><Away /></>);
  await page.wait(0);
  expect(page.box.textContent).toBe("MilkSomething went wrong here. Reload");
  network = true;
  await page.show(null);
  await page.show(<Away />);
  await page.wait(0);
  expect(page.box.innerHTML).toBe("<b>Tea</b>");
});
