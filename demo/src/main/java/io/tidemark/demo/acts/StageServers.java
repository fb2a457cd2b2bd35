package io.tidemark.demo.acts;

import io.tidemark.demo.services.ControlledServers;
import io.tidemark.demo.services.FleetPorts;
import io.tidemark.demo.services.FleetServers;
import io.tidemark.demo.services.ServerAddresses;
import io.tidemark.demo.services.ServerGroup;
import io.tidemark.demo.services.ServerPorts;
import java.util.Optional;

/**
 * The servers of a stage.
 *
 * @param addresses where they are
 * @param control stops and starts them
 * @param fleet the same, if they are those of a fleet
 */
record StageServers(
    ServerAddresses addresses, ControlledServers control, Optional<FleetServers> fleet) {
  static StageServers of(ServerPorts ports, ServerGroup servers) {
    return new StageServers(ports.addresses(), servers, Optional.empty());
  }

  static StageServers of(FleetPorts ports, FleetServers servers) {
    return new StageServers(ports.addresses(), servers, Optional.of(servers));
  }
}
