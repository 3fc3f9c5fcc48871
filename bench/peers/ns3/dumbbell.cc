// The dumbbell of `npm run bench -- dumbbell`, written for ns-3 3.37 against Debian's ns3 and libns3-dev.
//
//   N senders ── access ── router ── bottleneck, drop tail ── router ── access ── N receivers
//
// The same work as ours: N bulk flows over TCP with CUBIC, SACK, timestamps and window scaling, IPv4, checksums written
// and verified, no trace files. A frame is counted once for each link that it crosses, when the receiving device has it.
// Prints one line of JSON: frames, octets that arrived in order, drops, events, and the CPU time of Simulator::Run alone.
#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/traffic-control-module.h"

#include <cstdio>
#include <sys/resource.h>

using namespace ns3;

static uint64_t g_frames = 0;
static uint64_t g_drops = 0;

static void OnFrame(Ptr<const Packet>) { g_frames++; }
static void OnDrop(Ptr<const Packet>) { g_drops++; }

static double InSeconds(const timeval &tv) { return tv.tv_sec + tv.tv_usec / 1e6; }

int main(int argc, char **argv) {
  uint32_t flows = 1;
  double seconds = 20;
  std::string bottleneck = "100Mbps";
  std::string access = "1Gbps";
  std::string delay = "10ms";
  uint32_t queuePackets = 100;
  double loss = 0;
  bool checksums = true;
  CommandLine cmd(__FILE__);
  cmd.AddValue("flows", "TCP flows", flows);
  cmd.AddValue("seconds", "simulated time", seconds);
  cmd.AddValue("bottleneck", "rate of the link between the routers", bottleneck);
  cmd.AddValue("access", "rate of the links of hosts", access);
  cmd.AddValue("delay", "propagation delay of the bottleneck", delay);
  cmd.AddValue("queue", "packets that may wait at the bottleneck", queuePackets);
  cmd.AddValue("loss", "chance that a frame is lost on the bottleneck towards the receivers, 0..1", loss);
  cmd.AddValue("checksums", "IPv4 and TCP checksums", checksums);
  cmd.Parse(argc, argv);

  GlobalValue::Bind("ChecksumEnabled", BooleanValue(checksums));
  Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TcpCubic::GetTypeId()));
  Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
  Config::SetDefault("ns3::TcpSocketBase::Sack", BooleanValue(true));
  Config::SetDefault("ns3::TcpSocketBase::Timestamp", BooleanValue(true));
  Config::SetDefault("ns3::TcpSocketBase::WindowScaling", BooleanValue(true));
  Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(4 << 20));
  Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(4 << 20));
  Config::SetDefault("ns3::DropTailQueue<Packet>::MaxSize", QueueSizeValue(QueueSize(QueueSizeUnit::PACKETS, queuePackets)));

  NodeContainer routers, senders, receivers;
  routers.Create(2);
  senders.Create(flows);
  receivers.Create(flows);
  InternetStackHelper internet;
  internet.InstallAll();

  PointToPointHelper wide, narrow;
  wide.SetDeviceAttribute("DataRate", StringValue(access));
  wide.SetChannelAttribute("Delay", StringValue("0ms"));
  // Only the bottleneck's queue may be the reason of a drop.
  wide.SetQueue("ns3::DropTailQueue", "MaxSize", QueueSizeValue(QueueSize(QueueSizeUnit::PACKETS, 10000)));
  narrow.SetDeviceAttribute("DataRate", StringValue(bottleneck));
  narrow.SetChannelAttribute("Delay", StringValue(delay));

  NetDeviceContainer middle = narrow.Install(routers);
  NetDeviceContainer all(middle);
  Ipv4AddressHelper addresses;
  addresses.SetBase("10.255.0.0", "255.255.255.0");
  addresses.Assign(middle);
  TrafficControlHelper none;
  none.Uninstall(middle);
  std::vector<Ipv4InterfaceContainer> there;
  for (uint32_t flow = 0; flow < flows; flow++) {
    const auto place = std::to_string(flow / 250) + "." + std::to_string(flow % 250) + ".0";
    NetDeviceContainer left = wide.Install(senders.Get(flow), routers.Get(0));
    NetDeviceContainer right = wide.Install(receivers.Get(flow), routers.Get(1));
    all.Add(left);
    all.Add(right);
    addresses.SetBase(("10." + place).c_str(), "255.255.255.0");
    addresses.Assign(left);
    addresses.SetBase(("11." + place).c_str(), "255.255.255.0");
    there.push_back(addresses.Assign(right));
    none.Uninstall(left);
    none.Uninstall(right);
  }
  if (loss > 0) {
    auto model = CreateObject<RateErrorModel>();
    model->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);
    model->SetRate(loss);
    middle.Get(1)->SetAttribute("ReceiveErrorModel", PointerValue(model));
  }
  Ipv4GlobalRoutingHelper::PopulateRoutingTables();

  ApplicationContainer sinks;
  for (uint32_t flow = 0; flow < flows; flow++) {
    InetSocketAddress to(there[flow].GetAddress(0), 9);
    BulkSendHelper bulk("ns3::TcpSocketFactory", to);
    bulk.SetAttribute("MaxBytes", UintegerValue(0));
    bulk.SetAttribute("SendSize", UintegerValue(1448));
    bulk.Install(senders.Get(flow)).Start(MilliSeconds(flow));
    PacketSinkHelper sink("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), 9));
    sinks.Add(sink.Install(receivers.Get(flow)));
  }
  for (uint32_t each = 0; each < all.GetN(); each++) {
    auto device = DynamicCast<PointToPointNetDevice>(all.Get(each));
    device->TraceConnectWithoutContext("PhyRxEnd", MakeCallback(&OnFrame));
    device->TraceConnectWithoutContext("MacTxDrop", MakeCallback(&OnDrop));
  }

  // A device whose queue is full tells the layer above, which drops in its place.
  Config::ConnectWithoutContext("/NodeList/*/$ns3::TrafficControlLayer/TcDrop", MakeCallback(&OnDrop));

  Simulator::Stop(Seconds(seconds));
  rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  Simulator::Run();
  getrusage(RUSAGE_SELF, &after);
  uint64_t octets = 0;
  for (uint32_t each = 0; each < sinks.GetN(); each++) octets += DynamicCast<PacketSink>(sinks.Get(each))->GetTotalRx();
  std::printf("{\"frames\":%lu,\"octets\":%lu,\"drops\":%lu,\"events\":%lu,\"userSeconds\":%.6f,\"systemSeconds\":%.6f,\"residentMegabytes\":%ld}\n",
              g_frames, octets, g_drops, Simulator::GetEventCount(), InSeconds(after.ru_utime) - InSeconds(before.ru_utime),
              InSeconds(after.ru_stime) - InSeconds(before.ru_stime), after.ru_maxrss / 1024);
  Simulator::Destroy();
  return 0;
}
