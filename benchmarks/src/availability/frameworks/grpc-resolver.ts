import { experimental } from "@grpc/grpc-js";

/** A target of gRPC whose addresses can change: its own resolvers for fixed addresses and names cannot add one at will. */
export interface GrowingTarget {
  readonly target: string;
  setPorts(ports: readonly number[]): void;
}

const scheme = "growing";
let ports: readonly number[] = [];
const changed = new Set<() => void>();

class GrowingResolver implements experimental.Resolver {
  readonly #tell: () => void;

  constructor(_target: experimental.GrpcUri, listener: experimental.ResolverListener) {
    this.#tell = () => {
      const endpoints = ports.map((port) => ({ addresses: [{ host: "127.0.0.1", port }] }));
      listener(experimental.statusOrFromValue(endpoints), {}, null, "");
    };
  }

  updateResolution(): void {
    changed.add(this.#tell);
    setImmediate(() => {
      if (changed.has(this.#tell)) this.#tell();
    });
  }

  destroy(): void {
    changed.delete(this.#tell);
  }

  static getDefaultAuthority(): string {
    return "localhost";
  }
}

/** One at a time in a process. */
export function growingTarget(first: readonly number[]): GrowingTarget {
  ports = first;
  experimental.registerResolver(scheme, GrowingResolver);
  return {
    target: `${scheme}:servers`,
    setPorts(now) {
      ports = now;
      for (const tell of changed) tell();
    },
  };
}
