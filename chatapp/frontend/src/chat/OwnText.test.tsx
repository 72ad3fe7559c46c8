import { act } from "react";
import { expect, test } from "vitest";
import type { User } from "../api/types";
import { UserContext } from "../auth/user";
import { emptyPage } from "../ui/page.fixture";
import { OwnText } from "./OwnText";

const page = emptyPage();
const LONG = "Tea. ".repeat(1000);
const user = { id: "ada", settings: { formatOwnMessages: false } } as unknown as User;
const show = (text: ReturnType<typeof OwnText>) => page.show(<UserContext value={user}>{text}</UserContext>);
const length = (): number => page.box.querySelector(".plain")!.textContent.length;

test("a long message stays unfolded when it is stored, and so shown in another row", async () => {
  await show(<OwnText key="unsent" id="a" text={LONG} />);
  expect(length()).toBeLessThan(2000);
  await act(async () => page.box.querySelector("button")!.click());
  expect(length()).toBe(LONG.length);
  await show(<OwnText key="stored" id="a" text={LONG} />);
  expect(length()).toBe(LONG.length);
  await show(<OwnText key="another" id="b" text={LONG} />);
  expect(length()).toBeLessThan(2000);
});

test("the whole of it has nothing to fold", async () => {
  await show(<OwnText id="c" text={LONG} whole />);
  expect(length()).toBe(LONG.length);
  expect(page.box.querySelector("button")).toBeNull();
});
