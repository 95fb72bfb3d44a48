import { FarcallError } from "@farcall/client";
import type { PricesClient } from "../gen/market.js";
import type { Check } from "../report.js";

/** Calls that must fail, each with its code and with what it says about the handler. */
export function errorsCheck(prices: PricesClient): Check {
  const monday = new Date("2001-01-01");
  const cases = [
    { what: "an unknown symbol", call: () => prices.quote("NOPE", monday), code: "NOT_FOUND", executed: "yes" },
    {
      what: "a day without a price",
      call: () => prices.quote("IBM", new Date("2001-01-02")),
      code: "NOT_FOUND",
      executed: "yes",
    },
    // @ts-expect-error: a string is no Date, and the compiler says so first.
    { what: "a string for a date", call: () => prices.quote("IBM", "2001-01-01"), code: "INVALID_ARGUMENT", executed: "no" },
  ] as const;
  return {
    name: "errors",
    kind: "unary",
    async run() {
      const wrong: string[] = [];
      for (const { what, call, code, executed } of cases) {
        const said = await call().then(
          () => "an answer",
          (error: unknown) => (FarcallError.is(error) ? `${error.code}, executed ${error.executed}` : String(error)),
        );
        if (said !== `${code}, executed ${executed}`)
          wrong.push(`${what} must give ${code}, executed ${executed}; it gave ${said}`);
      }
      return {
        calls: cases.length,
        messages: 2 * cases.length,
        checked: "NOT_FOUND (the handler ran), INVALID_ARGUMENT (it did not)",
        wrong,
      };
    },
  };
}
