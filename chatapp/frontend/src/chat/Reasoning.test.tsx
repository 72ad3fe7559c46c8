import { expect, test } from "vitest";
import { emptyPage } from "../ui/page.fixture";
import { Reasoning } from "./Reasoning";

const page = emptyPage();

test("the seconds are counted while the model thinks, and then it says how long it took", async () => {
  await page.show(<Reasoning id="a" text="They greet me." since={Date.now()} />);
  expect(page.box.textContent).toBe("Thinking …");
  await page.wait(12_000);
  expect(page.box.textContent).toBe("Thinking … 12 s");
  await page.show(<Reasoning id="a" text="They greet me." ms={12_400} />);
  expect(page.box.textContent).toBe("Thought for 12 s");
});
