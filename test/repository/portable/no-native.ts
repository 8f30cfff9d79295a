/** Preloaded with `--import`: makes this process, and its threads, one on which the native BLAKE3 module cannot be loaded. */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@napi-rs/blake-hash') throw new Error('no prebuilt module for this machine');
    return next(specifier, context);
  },
});
