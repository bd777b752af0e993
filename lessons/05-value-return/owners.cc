#include "lessons/05-value-return/owners.h"

template <size_t kBytes>
std::array<Record<kBytes>, kOwners> CopyToOwners() {
  const Record<kBytes> record = fast::CreateRecord<kBytes>();
  std::array<Record<kBytes>, kOwners> owners;
  owners.fill(record);
  return owners;
}

template <size_t kBytes>
std::array<Record<kBytes>*, kOwners> ShareWithOwners() {
  Record<kBytes>* const record = slow::CreateRecord<kBytes>();
  std::array<Record<kBytes>*, kOwners> owners;
  owners.fill(record);
  return owners;
}

template std::array<Record<256>, kOwners> CopyToOwners<256>();
template std::array<Record<1024>, kOwners> CopyToOwners<1024>();
template std::array<Record<8192>, kOwners> CopyToOwners<8192>();
template std::array<Record<65536>, kOwners> CopyToOwners<65536>();

template std::array<Record<256>*, kOwners> ShareWithOwners<256>();
template std::array<Record<1024>*, kOwners> ShareWithOwners<1024>();
template std::array<Record<8192>*, kOwners> ShareWithOwners<8192>();
template std::array<Record<65536>*, kOwners> ShareWithOwners<65536>();
