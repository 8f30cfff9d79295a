type Import = (url: string) => Promise<Readonly<Record<string, unknown>>>;

const source = 'export const load = (url) => import(url);';
let load: Import | null = null;

/**
 * Imports a module through Node's own loader. A test runner or bundler that rewrites `import()` would otherwise put its
 * own loader between, which knows neither the host's copy of the API nor the folders of plugins; it leaves a module that
 * is a `data:` URL alone.
 * @param url Absolute, `file:`.
 */
export async function nativeImport(url: string): Promise<Readonly<Record<string, unknown>>> {
  if (load === null) {
    const module: { readonly load: Import } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
    load = module.load;
  }
  return await load(url);
}
