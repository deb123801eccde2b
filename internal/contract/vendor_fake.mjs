// Starts Seam's own fake server, @seamapi/fake-seam-connect, on a loopback port and
// prints its URL and contents as JSON. It exits when its standard input is closed,
// so that it does not outlive the test.
//
//   node vendor_fake.mjs PATH_TO_INDEX_CJS
import net from "node:net";
import { createRequire } from "node:module";

const { createFake } = createRequire(import.meta.url)(process.argv[2]);

// The fake listens on all interfaces and has no option for the address.
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (port, onListening) {
  return listen.call(this, port, "127.0.0.1", onListening);
};

const fake = await createFake();
await fake.seed(); // The package exports no other way to create a personal access token.
const { database } = fake;
const at = { created_at: "2026-01-02T03:04:05.678Z" };

// Ids in Seam are UUIDs. The fake takes one for everything but ACS users.
const hotel = database.addWorkspace({ ...at, workspace_id: crypto.randomUUID(), name: "Hotel", company_name: "Hotels Ltd.", is_sandbox: true });
const doors = database.addAcsSystem({
  ...at, acs_system_id: crypto.randomUUID(), workspace_id: hotel.workspace_id, connected_account_id: crypto.randomUUID(),
  external_type: "visionline_system", name: "Front door",
});
const jane = database.addUserIdentity({
  ...at, user_identity_id: crypto.randomUUID(), workspace_id: hotel.workspace_id,
  full_name: "Jane Doe", email_address: "jane@example.com", phone_number: "+15555550100",
});
const user = { ...at, workspace_id: hotel.workspace_id, acs_system_id: doors.acs_system_id, external_type: "salto_site_user" };
const linked = database.addAcsUser({
  ...user, full_name: "Jane Doe", email_address: "jane@example.com", phone_number: "+15555550100",
  user_identity_id: jane.user_identity_id, user_identity_email_address: "jane@example.com", user_identity_phone_number: "+15555550100",
});
const free = database.addAcsUser({ ...user, full_name: "John", email_address: "john@example.com", is_suspended: true });

const { server } = await fake.startServer({ port: 0 });
process.stdin.on("end", () => process.exit()).resume();
console.log(JSON.stringify({
  URL: `http://${server.address().address}:${server.address().port}`,
  APIKey: database.addApiKey({ workspace_id: hotel.workspace_id }).token,
  OtherAPIKey: "seam_apikey2_token", // Of an empty workspace.
  Token: "seam_at1_longtoken",
  Workspace: hotel.workspace_id,
  System: doors.acs_system_id,
  ConnectedAccount: doors.connected_account_id,
  Identity: jane.user_identity_id,
  Linked: linked.acs_user_id,
  Free: free.acs_user_id,
}));
