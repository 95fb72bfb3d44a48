import { expect } from "chai";
import { boundBytes, generated } from "./generated.js";

describe("generated code", function () {
  this.timeout(60_000);

  it("is small, and a service comes without the others", async () => {
    const { sizes, bundle } = await generated(2);
    expect(sizes.map(({ methods }) => methods)).to.deep.equal([50, 50]);
    for (const { service, methods, gzip } of sizes) expect(gzip / methods, service).to.be.at.most(boundBytes / 2);
    const [one, other] = sizes.map(({ service }) => service);
    const text = await bundle(one ?? "");
    expect(text)
      .to.include(`name: "shop.${one ?? ""}"`)
      .and.not.include(`shop.${other ?? ""}`);
    expect(text)
      .to.match(/isAccount\b/)
      .and.not.match(/Invoice|\w+Schema\b/);
  });
});
