import Mocha from "mocha";

/** Dots for people; when MOCHA_JSON names a file, mocha's own JSON result goes there too. */
export default class DotAndJson extends Mocha.reporters.Dot {
  constructor(runner, options) {
    super(runner, options);
    const output = process.env.MOCHA_JSON;
    if (output) this.json = new Mocha.reporters.JSON(runner, { ...options, reporterOption: { output } });
  }
}
