/** Counts what is compiled from text until `stop`, and gives `Function` back then. */
export function countCompiled(): { stop(): number } {
  const real = globalThis.Function;
  let compiled = 0;
  globalThis.Function = new Proxy(real, {
    apply: (target, self, args) => {
      compiled++;
      return Reflect.apply(target, self, args) as unknown;
    },
    construct: (target, args) => {
      compiled++;
      return Reflect.construct(target, args) as object;
    },
  });
  return {
    stop: () => {
      globalThis.Function = real;
      return compiled;
    },
  };
}
