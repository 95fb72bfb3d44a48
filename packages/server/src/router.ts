import type { MethodRef, ServiceDescriptor } from "@farcall/protocol";

/** A method and the function that serves it. */
export interface Route extends MethodRef {
  readonly handler: (...args: unknown[]) => unknown;
}

/** Name → handler. Names from the wire meet `Map`s only: `__proto__` is a name like any other, and unknown. */
export class Router {
  readonly #services = new Map<string, Map<string, Route>>();
  readonly #contracts: Record<string, string> = {};

  /** Fingerprints by wire name, for the handshake. */
  get contracts(): Readonly<Record<string, string>> {
    return this.#contracts;
  }

  /** @throws TypeError when the service is there already, or a method is missing from `implementation`. */
  add(service: ServiceDescriptor, implementation: object): void {
    if (!(service?.methods instanceof Map)) {
      throw new TypeError("implement: the first argument must be a service descriptor from a generated file");
    }
    if ((typeof implementation !== "object" && typeof implementation !== "function") || implementation === null) {
      throw new TypeError(
        `implement: ${service.name} needs an object or class instance with its methods, got ${typeof implementation}`,
      );
    }
    if (this.#services.has(service.name)) {
      throw new TypeError(
        `implement: this server already has a service named ${service.name}; use @service <name> to tell two apart`,
      );
    }
    const members = implementation as Record<string, unknown>;
    const missing = [...service.methods]
      .filter(
        ([name, { optional }]) => typeof members[name] !== "function" && !(optional === true && members[name] === undefined),
      )
      .map(([name]) => name);
    for (const name of service.groups.keys())
      if (!isGroup(members[name]) && !(service.optionalGroups.has(name) && members[name] === undefined)) missing.push(name);
    if (missing.length > 0) {
      const hint = typeof implementation === "function" ? "; pass an instance of the class" : "";
      throw new TypeError(`implement: ${service.name} lacks ${missing.join(", ")}${hint}`);
    }
    const routes = new Map<string, Route>();
    for (const [name, descriptor] of service.methods) {
      const handler = members[name] as ((...args: unknown[]) => unknown) | undefined;
      if (handler !== undefined)
        routes.set(name, { service: service.name, name, descriptor, handler: handler.bind(implementation) });
    }
    this.#services.set(service.name, routes);
    this.#contracts[service.name] = service.fingerprint;
    for (const [name, group] of service.groups) if (isGroup(members[name])) this.add(group, members[name]);
  }

  has(service: string): boolean {
    return this.#services.has(service);
  }

  resolve(service: string, method: string): Route | undefined {
    return this.#services.get(service)?.get(method);
  }
}

function isGroup(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
