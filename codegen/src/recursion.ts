import { children, type TypeModel } from "./model.js";

/** Which types can contain themselves: the strongly connected components of the type graph. */
export interface Recursion {
  /** True when a value of this type may hold another value of the same type. */
  isRecursive(type: TypeModel): boolean;
  /** True when each of the two may hold the other. */
  together(a: TypeModel, b: TypeModel): boolean;
  /** True when a recursive type can be met on the way down from here. */
  reachesRecursion(type: TypeModel): boolean;
}

/** Tarjan's algorithm. Recursion depth is that of the type graph, which people write by hand. */
export function findRecursion(roots: Iterable<TypeModel>): Recursion {
  const index = new Map<TypeModel, number>();
  const low = new Map<TypeModel, number>();
  const component = new Map<TypeModel, number>();
  const recursive = new Set<number>();
  const reaches = new Map<TypeModel, boolean>();
  const stack: TypeModel[] = [];

  const visit = (type: TypeModel): void => {
    const at = index.size;
    index.set(type, at);
    low.set(type, at);
    stack.push(type);
    let loops = false;
    for (const child of children(type)) {
      if (child === type) loops = true;
      if (!index.has(child)) {
        visit(child);
        low.set(type, Math.min(lowOf(type), lowOf(child)));
      } else if (!component.has(child)) {
        low.set(type, Math.min(lowOf(type), index.get(child) ?? 0));
      }
    }
    if (lowOf(type) === at) {
      const members = stack.splice(stack.indexOf(type));
      for (const member of members) component.set(member, at);
      const cyclic = loops || members.length > 1;
      if (cyclic) recursive.add(at);
      const reached = cyclic || members.some((member) => children(member).some((child) => reaches.get(child) === true));
      for (const member of members) reaches.set(member, reached);
    }
  };
  const lowOf = (type: TypeModel): number => low.get(type) ?? 0;
  for (const root of roots) if (!index.has(root)) visit(root);

  const componentOf = (type: TypeModel): number => component.get(type) ?? -1;
  return {
    isRecursive: (type) => recursive.has(componentOf(type)),
    together: (a, b) => recursive.has(componentOf(a)) && componentOf(a) === componentOf(b),
    reachesRecursion: (type) => reaches.get(type) === true,
  };
}
