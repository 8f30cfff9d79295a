/** Tests that boot guests or start a libvirt: `npm run test:peers` has them, `npm test` does not. */
export const withPeers: readonly string[] = [
  'test/peers/**/*.test.ts',
  'test/plugins/hypervisors/kvm/libvirt/**/*.test.ts',
  'test/plugins/hypervisors/kvm/live/{guest,migrate,scratch-full}.test.ts',
];
